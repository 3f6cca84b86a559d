@testable import Control
import Bytes
import Foundation
import Loop
import Telemetry
import Testing

@Suite struct `The access log` {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("spillway-log-\(UUID().uuidString)")
  private let telemetry = WorkerTelemetry(accessRecords: 16)

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func lines(_ name: String) throws -> [String] {
    try String(contentsOfFile: path(name), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  private func record(_ journey: UInt64) {
    telemetry.record { $0.journey = journey }
    telemetry.endTurn()
  }

  @Test func `writes a line that a JSON parser reads back`() throws {
    let errors = ErrorLog(level: .info, descriptor: -1, isJournal: false)
    let log = try AccessLogWriter(path: path("a"), rings: [telemetry.ring], errors: errors)
    defer { try? FileManager.default.removeItem(at: folder) }

    telemetry.record {
      $0.time = WallTime(milliseconds: 1_795_384_651_123)
      $0.journey = 0xAB
      $0.client = ClientAddress(ipv4: 0xC000_0201)
      $0.version = .http11
      $0.method.set("GET")
      $0.host.set("live.example.com")
      $0.path.set(Array("/a\"b".utf8 + [0xFF]).span)
      $0.range.set(String(repeating: "x", count: 60).utf8Span.span)
      $0.status = 206
      $0.bytesSent = 1_048_576
      $0.firstByteMicroseconds = 1250
      $0.durationMicroseconds = 40_000_001
      $0.cache = .joined
      $0.end = .byOrigin
      $0.detail = .originStall
    }
    telemetry.endTurn()
    log.drain()

    let line = try #require(try lines("a").first)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(line.hasPrefix(#"{"time":"2026-11-22T21:57:31.123Z","client":"192.0.2.1","method":"#))
    #expect(object["path"] as? String == "/a\"b\u{FF}")
    #expect(object["range"] as? String == String(repeating: "x", count: 48) + "…")
    #expect(object["status"] as? Int == 206)
    #expect(object["bytes"] as? Int == 1_048_576)
    #expect(object["ttfb_ms"] as? Double == 1.25)
    #expect(line.contains(#""duration_ms":40000.001,"cache":"joined","origin":"","#))
    #expect(object["aborted"] as? String == "origin")
    #expect(object["detail"] as? String == "stall")
    #expect(object["id"] as? String == "00000000000000ab")
    #expect(log.recordsWritten == 1)
  }

  @Test func `goes on in a new file after a rename and reopen`() throws {
    let errors = ErrorLog(level: .info, descriptor: -1, isJournal: false)
    let log = try AccessLogWriter(path: path("a"), rings: [telemetry.ring], errors: errors)
    defer { try? FileManager.default.removeItem(at: folder) }

    record(1)
    log.drain()
    try FileManager.default.moveItem(atPath: path("a"), toPath: path("a.1"))
    record(2)
    log.drain()
    log.reopen()
    record(3)
    log.drain()

    #expect(try lines("a.1").count == 2)
    #expect(try lines("a").count == 1)
  }

  @Test func `counts and tells once when the disk is full, and never stops draining`() throws {
    let errorPath = path("errors")
    let descriptor = open(errorPath, O_WRONLY | O_CREAT, 0o600)
    defer {
      close(descriptor)
      try? FileManager.default.removeItem(at: folder)
    }
    let errors = ErrorLog(level: .info, descriptor: descriptor, isJournal: true)
    let log = try AccessLogWriter(path: "/dev/full", rings: [telemetry.ring], errors: errors)

    for journey in 1...3 as ClosedRange<UInt64> {
      record(journey)
      log.drain()
    }

    #expect(log.writeErrors == 3)
    #expect(log.recordsWritten == 0)
    #expect(telemetry.value(of: .accessRecordsDropped) == 0)
    #expect(
      try lines("errors")
        == ["<3>access log /dev/full loses records: write: No space left on device"])
  }

  @Test func `says which file cannot be opened`() {
    let errors = ErrorLog(level: .info, descriptor: -1, isJournal: false)

    #expect(throws: SystemError.self) {
      try AccessLogWriter(path: path("none/a"), rings: [], errors: errors)
    }
  }

  @Test func `takes what is left when it stops`() throws {
    let errors = ErrorLog(level: .info, descriptor: -1, isJournal: false)
    let log = try AccessLogWriter(path: path("a"), rings: [telemetry.ring], errors: errors)
    defer { try? FileManager.default.removeItem(at: folder) }

    try log.start()
    for journey in 1...16 as ClosedRange<UInt64> { record(journey) }
    log.stop()

    #expect(try lines("a").count == 16)
  }
}

@Suite struct `The error log` {
  @Test func `says in a sentence which server is down, why, and that it is up again`() {
    let text = written(journal: true) { log in
      log.queue.post(.serverDown, level: .warning, now: Instant(nanoseconds: 1)) {
        $0.origin.set("live/10.0.0.1:80")
        $0.object.set("body does not contain \"ok\"")
      }
      log.queue.post(.serverUp, level: .info, now: Instant(nanoseconds: 1)) {
        $0.origin.set("live/10.0.0.1:80")
      }
      log.drain()
    }

    #expect(
      text == """
        <4>live/10.0.0.1:80 is down: body does not contain "ok"
        <6>live/10.0.0.1:80 is up again

        """)
  }

  private func written(journal: Bool, _ use: (ErrorLog) -> Void) -> String {
    let pipe = Pipe()
    let log = ErrorLog(
      level: .info, descriptor: pipe.fileHandleForWriting.fileDescriptor, isJournal: journal)
    use(log)
    pipe.fileHandleForWriting.closeFile()
    return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }

  @Test func `writes one line with priority, side, kind, object, origin and journey`() {
    let text = written(journal: true) { log in
      log.queue.post(.connectRefused, level: .error, now: Instant(nanoseconds: 1)) {
        $0.side = .origin
        $0.code = ECONNREFUSED
        $0.journey = 255
        $0.origin.set("10.0.0.1:8080")
        $0.object.set("live.example.com/a\nb".utf8Span.span)
      }
      log.drain()
    }

    #expect(
      text == """
        <3>origin connect_refused origin="10.0.0.1:8080" object="live.example.com/a\\nb" \
        cause="Connection refused" id=00000000000000ff

        """)
  }

  @Test func `says why a server is down`() {
    let text = written(journal: true) { log in
      log.queue.post(.serverDown, level: .warning, now: Instant(nanoseconds: 1)) {
        $0.side = .origin
        $0.reason = .firstByteTimeout
        $0.origin.set("live/10.0.0.1:8080")
      }
      log.drain()
    }

    #expect(text == "<4>live/10.0.0.1:8080 is down: first_byte_timeout\n")
  }

  @Test func `puts time and level in front where there is no journal`() {
    let text = written(journal: false) { log in
      log.queue.post(.headTimeout, level: .info, now: Instant(nanoseconds: 1)) {
        $0.side = .viewer
        $0.time = WallTime(milliseconds: 7)
      }
      log.drain()
    }

    #expect(text == "1970-01-01T00:00:00.007Z info viewer head_timeout\n")
  }

  @Test func `keeps a message on one line and leaves out what its level does not want`() {
    let text = written(journal: true) { log in
      log.write(.debug, "not wanted")
      log.write(.warning, "two\nlines")
    }

    #expect(text == "<4>two lines\n")
  }
}
