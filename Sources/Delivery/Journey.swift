internal import Loop

// The journey of a request through the node, on one screen. Each step is one function in
// Journey+<Step>.swift that does its part and names its successor; this driver sets the step.
//
//   receive ─▶ judge ─▶ lookUp ─┬─ hit, stale ─────────▶ open ─▶ deliver ─▶ record ─▶ (the next)
//                   │           ├─ busy, miss ─▶ follow ─▶ ┘
//                   │           │       pass ─▶ follow ─▶ ┘
//                   └───────────┴─────────┘
//
// A playlist that is asked for with delivery directives is looked up by the state that it names
// (Journey+State.swift), and a delta update is made of it in front of `open`.
// A reader that fell out of a window goes on by `rejoin`.
// A parked exchange holds its head and waits for an event, never for a timer: the Fill's worker
// publishes the head or more bytes, and the run queue resumes the step that was named.

extension Worker {
  /// Takes the exchange of a connection as far as it can go now.
  func travel(_ viewer: ViewerConnection) {
    // The exchange is taken once: its last step leaves it idle, also when it closes the connection.
    guard let exchange = viewer.exchange else { return }
    while true {
      switch exchange.step {
      case .receive:
        exchange.step = receive(exchange, viewer)
        if exchange.step == .receive { return }
      case .judge: exchange.step = judge(exchange, viewer)
      case .lookUp: exchange.step = lookUp(exchange, viewer)
      case .shorten: exchange.step = shorten(exchange)
      case .pass: exchange.step = pass(exchange, viewer)
      case .follow: exchange.step = follow(exchange, viewer)
      case .open: exchange.step = open(exchange, viewer)
      case .deliver:
        exchange.step = deliver(exchange, viewer)
        if exchange.step == .deliver { return }
      case .rejoin: exchange.step = rejoin(exchange, viewer)
      case .record: exchange.step = record(exchange, viewer)
      case .parked, .idle: return
      }
    }
  }
}
