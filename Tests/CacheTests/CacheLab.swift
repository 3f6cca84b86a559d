import Bytes
import Cache
import Policy
import Wire

/// Remembers whom the table told that an object has left.
final class RecordingNotifier: HoldNotifier, @unchecked Sendable {
  // Exception: unchecked, because the lock guards the list.
  private let lock = Lock()
  private var list: [(object: CachedObject, workers: UInt64)] = []

  override func drop(_ object: CachedObject, workers: UInt64) {
    lock.withLock { list.append((object, workers)) }
  }

  /// The masks of workers, in the order in which they were told.
  var told: [UInt64] { lock.withLock { list.map(\.workers) } }
  /// The objects that left; they live until `forget`.
  var departed: [CachedObject] { lock.withLock { list.map(\.object) } }

  func forget() { lock.withLock { list = [] } }
}

/// A table with its memory, and a worker's part in it.
final class CacheLab {
  let arena: Arena
  let notifier = RecordingNotifier()
  let table: CacheTable
  private var scratch: [UInt8] = []
  private var exchange: UInt64 = 0

  init(blocks: Int = 64, workers: Int = 2) throws {
    arena = try Arena(bytes: blocks * BytesLimits.blockBytes)
    table = CacheTable(arena: arena, workers: workers, notifier: notifier)
  }

  /// Asks for a path of a site, `at` milliseconds after the start.
  func ask(
    _ path: String, site: Int = 0, fields: String = "", at time: Int64 = 0, worker: Int = 0,
    mayFill: Bool = true, hash: Hash128? = nil
  ) -> Lookup {
    exchange += 1
    var terms = ReuseTerms()
    terms.onlyIfCached = !mayFill
    let request = LookupRequest(
      key: CacheLab.key(path, site: site, hash: hash), worker: worker, exchange: exchange,
      now: instant(time), terms: terms, isIdentityOnly: false)
    return withRequest(fields) { head, bytes in
      table.lookUp(request, head: head, bytes: bytes, scratch: &scratch)
    }
  }

  /// Asks, and fills what is missing with a fresh answer.
  @discardableResult
  func store(
    _ path: String, site: Int = 0, fields: String = "", at time: Int64 = 0, bytes count: Int = 100,
    lifetime: Int64 = 10_000, tags: [String] = []
  ) -> CachedObject? {
    guard let object = ask(path, site: site, fields: fields, at: time).entered else { return nil }
    complete(object, at: time, bytes: count, lifetime: lifetime, tags: tags)
    return object
  }

  /// The whole answer of a Fill: head, body, end.
  @discardableResult
  func complete(
    _ object: CachedObject, at time: Int64 = 0, bytes count: Int = 100, lifetime: Int64 = 10_000,
    staleWhileRevalidate: Int64 = 0, staleIfError: Int64 = 0, tags: [String] = []
  ) -> Bool {
    let freshness = Freshness(
      lifetime: Milliseconds(lifetime), staleWhileRevalidate: Milliseconds(staleWhileRevalidate),
      staleIfError: Milliseconds(staleIfError))
    object.settle(freshness, arrival: instant(time))
    object.publish(
      head: storedHead("ETag: \"1\"\r\n"), length: UInt64(count), tags: tags.map { Array($0.utf8) })
    guard object.body.admit(length: UInt64(count), keepAtMost: .max) == .kept else {
      table.detach(object)
      return false
    }
    _ = object.body.append([UInt8](repeating: UInt8(truncatingIfNeeded: count), count: count).span)
    _ = object.body.seal()
    return table.complete(object)
  }

  /// The head of a Fill's answer said that it varies by this field.
  func vary(_ object: CachedObject, by field: String, fields: String) -> Admission? {
    guard case .rule(let rule) = variation("Vary: \(field)\r\n") else { return nil }
    let variant = withRequest(fields) { head, bytes in
      rule.variantKey(
        of: object.primary, head: head, bytes: bytes, isIdentityOnly: false, scratch: &scratch)
    }
    return variant.map { table.enterVariant(object, rule: rule, variant: $0) }
  }

  static func key(_ path: String, site: Int = 0, hash: Hash128? = nil) -> CacheKeyText {
    let text = Array("\(site) \(path)".utf8)
    return CacheKeyText(
      hash: hash ?? Hash128(of: text.span), text: text, targetStart: "\(site) ".utf8.count,
      site: site)
  }

  private func variation(_ fields: String) -> Variation {
    withResponse(fields) { VaryRule.read($0, bytes: $1) }
  }
}

extension Lookup {
  /// The case's name.
  var word: String {
    switch self {
    case .hit, .hitOnce: "hit"
    case .stale(_, let refresh): refresh == nil ? "stale" : "stale, refreshing"
    case .busy: "busy"
    case .miss: "miss"
    case .expired: "expired"
    case .partial: "partial"
    case .pass: "pass"
    case .absent: "absent"
    }
  }

  /// The object that may be served or followed.
  var object: CachedObject? {
    switch self {
    case .hit(let object), .hitOnce(let object), .stale(let object, _), .busy(let object),
      .miss(let object), .expired(let object):
      object
    case .partial, .pass, .absent: nil
    }
  }

  /// The object that was entered for a new Fill.
  var entered: CachedObject? {
    switch self {
    case .miss(let object), .expired(let object): object
    case .stale(_, let refresh): refresh
    case .hit, .hitOnce, .busy, .partial, .pass, .absent: nil
    }
  }
}

/// `milliseconds` after the start of a test.
func instant(_ milliseconds: Int64) -> Instant {
  Instant(nanoseconds: 1_000_000_000) + Milliseconds(milliseconds)
}

/// A parsed request for `/` with these lines.
func withRequest<Result>(
  _ fields: String, _ body: (borrowing RequestHead, Span<UInt8>) -> Result
) -> Result {
  let text = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
  var parser = RequestHeadParser()
  var head = RequestHead()
  do throws(HeadError) {
    guard try parser.parse(text.span, into: &head) != nil else {
      preconditionFailure("the test's request is incomplete")
    }
  } catch {
    preconditionFailure("the test's request is refused: \(error)")
  }
  return body(head, text.span)
}

/// A parsed answer with these lines.
func withResponse<Result>(
  _ fields: String, status: Int = 200, _ body: (borrowing ResponseHead, Span<UInt8>) -> Result
) -> Result {
  let text = Array("HTTP/1.1 \(status) OK\r\n\(fields)\r\n".utf8)
  var parser = ResponseHeadParser()
  var head = ResponseHead()
  do throws(HeadError) {
    guard try parser.parse(text.span, requestMethod: .get, into: &head) != nil else {
      preconditionFailure("the test's answer is incomplete")
    }
  } catch {
    preconditionFailure("the test's answer is refused: \(error)")
  }
  return body(head, text.span)
}

/// The stored head of an answer with these lines, received on 22 November 2025 at 00:00:00.
func storedHead(_ fields: String, status: Int = 200) -> StoredHead {
  withResponse(fields, status: status) {
    StoredHead($0, bytes: $1, received: WallTime(milliseconds: 1_763_769_600_000))
  }
}
