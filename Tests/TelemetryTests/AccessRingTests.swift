import Bytes
import Glibc
import Telemetry
import Testing

@Suite struct `An access ring` {
  @Test func `hands nothing over before the turn ends`() {
    let ring = AccessRing(capacity: 8)

    _ = ring.write { $0.status = 200 }
    let before = ring.drain { _ in }
    ring.publish()
    var seen: [UInt16] = []
    let after = ring.drain { seen.append($0.status) }

    #expect(before == 0)
    #expect(after == 1)
    #expect(seen == [200])
  }

  @Test func `lends empty records, whatever their slots held before`() {
    let ring = AccessRing(capacity: 1)
    _ = ring.write {
      $0.status = 502
      $0.end = .byOrigin
      $0.path.set("/old".utf8Span.span)
      $0.client = ClientAddress(ipv4: 1)
    }
    ring.publish()
    _ = ring.drain { _ in }

    _ = ring.write { $0.journey = 7 }
    ring.publish()

    _ = ring.drain { record in
      #expect(record.journey == 7)
      #expect(record.status == 0)
      #expect(record.end == .complete)
      #expect(record.path.count == 0)
      #expect(record.client == .none)
    }
  }

  @Test func `drops and counts when it is full, and keeps what it has`() {
    let telemetry = WorkerTelemetry(accessRecords: 4)

    for number in 1...6 { telemetry.record { $0.journey = UInt64(number) } }
    telemetry.endTurn()

    var seen: [UInt64] = []
    _ = telemetry.ring.drain { seen.append($0.journey) }
    #expect(seen == [1, 2, 3, 4])
    #expect(telemetry.value(of: .accessRecordsDropped) == 2)
  }

  @Test func `of no capacity takes nothing and counts no loss`() {
    let telemetry = WorkerTelemetry(accessRecords: 0)

    telemetry.record { _ in Issue.record("nobody reads this record") }
    telemetry.endTurn()

    #expect(telemetry.value(of: .accessRecordsDropped) == 0)
    #expect(telemetry.ring.drain { _ in } == 0)
  }

  @Test func `carries every record whole and in order from thread to thread`() {
    let records = 20_000
    let ring = AccessRing(capacity: 64)
    let producer = Producer(ring: ring, records: records)
    let thread = producer.start()

    var next: UInt64 = 0
    var torn = 0
    while next < UInt64(records) {
      let taken = ring.drain { record in
        let digit = UInt8(ascii: "0") + UInt8(next % 10)
        let path = record.path.bytes
        let isWhole =
          record.journey == next && record.bytesSent == ~next
          && path.count == 40 && path[0] == digit && path[39] == digit
        if !isWhole { torn += 1 }
        next += 1
      }
      if taken == 0 { sched_yield() }
    }
    pthread_join(thread, nil)

    #expect(torn == 0)
    #expect(next == UInt64(records))
  }
}

/// A thread that writes numbered records and waits for room.
private final class Producer: Sendable {
  private let ring: AccessRing
  private let records: Int

  init(ring: AccessRing, records: Int) {
    self.ring = ring
    self.records = records
  }

  func start() -> pthread_t {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(self).toOpaque()
    let code = pthread_create(&thread, nil, runProducer, argument)
    precondition(code == 0)
    return thread
  }

  fileprivate func run() {
    for number in 0..<records {
      let path = [UInt8](repeating: UInt8(ascii: "0") + UInt8(number % 10), count: 40)
      while !write(UInt64(number), path) {
        ring.publish()
        sched_yield()
      }
      if number % 7 == 0 { ring.publish() }
    }
    ring.publish()
  }

  private func write(_ number: UInt64, _ path: [UInt8]) -> Bool {
    ring.write {
      $0.journey = number
      $0.bytesSent = ~number
      $0.path.set(path.span)
    }
  }
}

private let runProducer: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
  argument in
  if let argument { Unmanaged<Producer>.fromOpaque(argument).takeRetainedValue().run() }
  return nil
}
