import Bytes
import Cache
import Glibc
import Policy
import Samples
import Store
import Streams
import Wire

// Does one thing of the hot path so many times: Packaging/count-instructions runs it under
// callgrind twice, and what one time takes is the difference.
// Usage: Counts NAME TIMES        without arguments: the names, a line each

let steps: [(name: String, run: (Int) throws -> Void)] = [
  ("head-short", { parse(Parts.shortHead, times: $0) }),
  ("head-chromium", { parse(Parts.chromiumHead, times: $0) }),
  ("cache-key", { try makeKey(times: $0) }),
  ("decision-segment", { decide(Heads.segment, .segment, times: $0) }),
  ("decision-playlist", { decide(Heads.playlist, .playlist, times: $0) }),
  ("decision-film", { decide(Heads.film, .segment, times: $0) }),
  ("decision-targeted", { decide(Heads.targeted, .segment, times: $0) }),
  ("decision-page", { decide(Heads.page, .other, times: $0) }),
  ("range-selection", { selectRange(times: $0) }),
  (
    "front-table-hit",
    { times in
      var tier = try MemoryTier()
      tier.find(times: times)
    }
  ),
  (
    "memory-tier-hit",
    { times in
      var tier = try MemoryTier()
      tier.lookUp(times: times)
    }
  ),
  ("directory-absent", { askDirectory(times: $0) }),
  ("index-lookup", { try askIndex(times: $0) }),
]

/// Keeps a result, so that the work for it is not left out.
@inline(never)
@_optimize(none)
func keep<Value: ~Copyable>(_ value: borrowing Value) {}

func parse(_ bytes: [UInt8], times: Int) {
  var head = RequestHead()
  for _ in 0..<times {
    var parser = RequestHeadParser()
    keep((try? parser.parse(bytes.span, into: &head)) ?? nil)
  }
}

func makeKey(times: Int) throws {
  let snapshot = try Parts.snapshot()
  let host = Array("live.example.com".utf8)
  let path = Array("/live/main/segment-4711.m4s".utf8)
  var scratch: [UInt8] = []
  for _ in 0..<times {
    keep(
      try CacheKey.make(
        snapshot: snapshot, site: 0, rule: .none, host: host.span, path: path.span,
        query: Span(), hasQuery: false, into: &scratch))
  }
}

func decide(_ fields: [String], _ kind: ObjectKind, times: Int) {
  let facts = DecisionFacts(rule: .none, kind: kind, delay: Milliseconds(40), now: Heads.now)
  Heads.withResponse(fields) { head, bytes in
    for _ in 0..<times { keep(CachingDecision.make(head, bytes: bytes, facts: facts)) }
  }
}

func selectRange(times: Int) {
  let value = Array("bytes=1000-1999".utf8)
  for _ in 0..<times { keep(RangeRequest(value.span)?.resolve(length: 402_311)) }
}

func askDirectory(times: Int) {
  let directory = Directory()
  var known = RandomSource(seed: 1)
  for _ in 0..<50_000 {
    directory.insert(Hash128(low: known.next(), high: known.next()), volume: 0, zone: 1)
  }
  directory.finishFilling()
  var strangers = RandomSource(seed: 2)
  for _ in 0..<times {
    keep(directory.mayHold(Hash128(low: strangers.next(), high: strangers.next())))
  }
}

func askIndex(times: Int) throws {
  let folder = Parts.folder()
  // Valgrind refuses the addresses of the usual map.
  let index = try Index(directory: folder, mapBytes: 64 << 20)
  var hashes: [Hash128] = []
  var random = RandomSource(seed: 1)
  for number in 0..<10_000 as Range<UInt64> {
    let hash = Hash128(low: random.next(), high: random.next())
    let place = Place(volume: 0, zone: 1, epoch: 1, sector: UInt32(number), length: 5000)
    let record = ObjectRecord(
      objectID: number, serial: number, place: place, bodyLength: 4000, unit: 1 << 20,
      flags: .inline, usableUntil: Heads.now)
    try index.apply([.put(hash: hash, number: 0, .object(record))])
    hashes.append(hash)
  }
  let reader = try index.reader()
  for number in 0..<times { keep(try reader.record(hashes[number * 7919 % hashes.count])) }
  for name in ["data.mdb", "lock.mdb"] { unlink("\(folder)/\(name)") }
  rmdir(folder)
}

let arguments = CommandLine.arguments
if arguments.count == 1 {
  for step in steps { print(step.name) }
  exit(0)
}
guard arguments.count == 3, let times = Int(arguments[2]),
  let step = steps.first(where: { $0.name == arguments[1] })
else {
  print("Usage: Counts NAME TIMES")
  exit(2)
}
do {
  try step.run(times)
} catch {
  print("Counts \(step.name): \(error)")
  exit(1)
}
