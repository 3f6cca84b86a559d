/// A viewer on a blocking connection.
struct BlockingClient {
  /// What a viewer got.
  struct Response: Equatable {
    var status = 0
    var body: [UInt8] = []
    /// The body came to the end that its framing promised.
    var isComplete = false
  }

  private var socket: BlockingSocket

  init(port: UInt16, window: Int32? = nil) { socket = BlockingSocket(port: port, window: window) }

  func close() { socket.close() }

  /// Asks for a path and reads the answer; `onFirstByte` is called before the body is read.
  mutating func get(
    _ path: String, fields: String = "", step: Int = 65_536, onFirstByte: () -> Void = {}
  ) -> Response? {
    guard socket.send("GET \(path) HTTP/1.1\r\nHost: live.example\r\n\(fields)\r\n"),
      let head = socket.readHead()
    else { return nil }
    let lines = head.split(separator: "\r\n").map { $0.lowercased() }
    var response = Response(status: Int(lines[0].split(separator: " ")[1]) ?? 0)
    let length = lines.first { $0.hasPrefix("content-length:") }.flatMap {
      Int($0.dropFirst(15).drop { $0 == " " })
    }
    if let length {
      if length > 0 {
        response.body = socket.read(1)
        onFirstByte()
      }
      while response.body.count < length {
        let part = socket.read(min(step, length - response.body.count), by: step)
        guard !part.isEmpty else { return response }
        response.body += part
      }
      response.isComplete = true
    } else if lines.contains("transfer-encoding: chunked") {
      readChunks(into: &response)
    } else {
      response.isComplete = response.status == 304
    }
    return response
  }

  private mutating func readChunks(into response: inout Response) {
    while let line = socket.readLine(), let count = Int(line, radix: 16) {
      let part = socket.read(count)
      response.body += part
      guard part.count == count, socket.readLine() == "" else { return }
      if count == 0 {
        response.isComplete = true
        return
      }
    }
  }
}
