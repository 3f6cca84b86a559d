import Bytes
import Glibc
import Store

// Writes objects to a new volume as its writer does, commits included, and prints MB/s.
// Usage: Writes FOLDER OBJECT_BYTES TOTAL_BYTES

/// Fills a part of a volume that has zones of full size.
func writeVolume(in folder: String, objectBytes: Int, totalBytes: Int) throws -> Double {
  let settings = StoreSettings(
    indexDirectory: folder + "/index", volumes: [(folder + "/volume", UInt64(totalBytes) * 16)])
  let store = try ObjectStore.open(settings, disk: SystemDisk())
  let writer = store.makeWriter(volume: 0, judge: CarryJudge())
  try writer.begin()
  let meta = [UInt8](repeating: 7, count: 400)
  let body = (0..<objectBytes).map { UInt8(truncatingIfNeeded: $0 &* 31) }
  let until = WallTime(milliseconds: WallTime.read().milliseconds + 3_600_000)
  var random = RandomSource(seed: 1)
  let start = Instant.read()
  for _ in 0..<(totalBytes / objectBytes) {
    let hash = Hash128(low: random.next(), high: random.next())
    let draft = ObjectDraft(hash: hash, usableUntil: until)
    if objectBytes <= StoreLimits.inlineBodyBytes {
      try writer.insert(draft, meta: meta.span, body: body.span)
    } else {
      var object = writer.beginObject(draft)
      try writer.append(to: &object, body.span)
      try writer.finish(object, meta: meta.span)
    }
    if writer.needsCommit { try writer.commit() }
  }
  try writer.commit()
  let spent = Double(Instant.read().nanoseconds - start.nanoseconds) / 1e9
  let counters = store.volumes[0].counters
  complain(
    "\(counters[.writes]) writes in \(counters[.writeMicroseconds]) us, \(counters[.commits])"
      + " commits in \(counters[.commitMicroseconds]) us, \(Int(spent * 1e6)) us in all")
  return Double(totalBytes) / spent / 1e6
}

func complain(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(STDERR_FILENO, line, line.count)
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let objectBytes = Int(arguments[2]), let totalBytes = Int(arguments[3])
else {
  complain("Usage: Writes FOLDER OBJECT_BYTES TOTAL_BYTES")
  exit(2)
}
do {
  print(try writeVolume(in: arguments[1], objectBytes: objectBytes, totalBytes: totalBytes))
} catch {
  complain("Writes: \(error)")
  exit(1)
}
