import Delivery
import Store
import Telemetry
import Testing

@testable import Control

@Suite struct `The disk tier in the status` {
  private func report(_ scan: ScanProgress = ScanProgress()) -> StatusReport {
    var values = NodeValues()
    values[.diskObjects] = 12
    values[.diskWritesShed] = 3
    var volume = VolumeValues(path: "/v\"1")
    volume[.sizeBytes] = 32 << 20
    volume[.usedBytes] = 8 << 20
    volume[.zones] = 7
    volume[.readErrors] = 1
    volume[.indexErrors] = 1
    volume[.copyMode] = 1
    values.volumes = [volume]
    return StatusReport(
      node: "n", version: "1", uptimeSeconds: 1, telemetry: NodeTelemetry(threads: []),
      values: values, disk: DiskStatus(objects: [12], scan: scan))
  }

  @Test func `has lines for the tier and for each volume`() {
    let text = report().text

    #expect(text.contains("disk       12 objects, 0 hits, 0 late"))
    #expect(text.contains(", 3 shed\nvolume     /v\"1, copy mode\n"))
    #expect(text.contains("12 objects, 8.0 MiB of 32.0 MiB (25 %), 7 zones\n"))
    #expect(text.contains("0 zones reclaimed, 0 B carried, 2 errors, 0 jobs waiting\n"))
  }

  @Test func `says how far a rebuild or the reading of the index has come`() {
    var scan = ScanProgress()
    scan.kind = .rebuild
    scan.zones = 3
    scan.zonesTotal = 64
    scan.fragments = 1000
    #expect(
      report(scan).text.contains(
        "building the index anew: 3 of 64 zones, 1000 fragments, 0 objects listed\n"))
    #expect(report(scan).json.contains("\"scan\":{\"kind\":\"rebuild\",\"zones\":3,"))

    scan.kind = .directory
    scan.objects = 9
    #expect(report(scan).text.contains("reading the index: 9 objects so far\n"))
    #expect(report(scan).json.contains("\"scan\":{\"kind\":\"directory\",\"objects\":9}"))
  }

  @Test func `is JSON with a member for each volume`() {
    let json = report().json

    #expect(json.contains("\"disk\":{\"objects\":12,"))
    #expect(json.contains("\"volumes\":[{\"path\":\"/v\\\"1\",\"size_bytes\":33554432,"))
  }

  @Test func `is not there on a node without volumes`() {
    let report = StatusReport(
      node: "n", version: "1", uptimeSeconds: 1, telemetry: NodeTelemetry(threads: []),
      values: NodeValues())

    #expect(!report.text.contains("disk"))
    #expect(!report.json.contains("disk"))
  }
}

@Suite struct `A volume that cannot be opened` {
  @Test(arguments: [
    StoreError.Kind.inUse, .notAVolume, .foreignFormat, .badSize, .noSpace, .readOnly, .missing,
    .corrupt, .noMemory, .mapFull, .io, .shortRead, .halted,
  ])
  func `is one line with its path and with what to do`(kind: StoreError.Kind) {
    let line = StoreError(kind, operation: "open").at("/v").line

    #expect(line.hasPrefix("/v: "))
    #expect(line.contains("; "))
    #expect(!line.contains("\n"))
  }

  @Test func `names the call and its reason`() {
    let line = StoreError(code: 28, operation: "fallocate").at("/v").line

    #expect(
      line == "/v: there is no room for it (fallocate: No space left on device); "
        + "free some, or configure a smaller size")
  }
}
