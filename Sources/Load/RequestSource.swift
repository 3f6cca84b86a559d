internal import Bytes

/// The requests that a tool sends: one, many by number, or many by list.
struct RequestSource {
  /// `GET ` and the target's first part, the rest of the head behind it; for each URL.
  private var heads: [(front: [UInt8], back: [UInt8])]
  private let isNumbered: Bool
  private let range: RangeOrder?
  private var keys: KeyChoice
  private var random: RandomSource

  /// - Parameters:
  ///   - order: what is asked for.
  ///   - seed: what the choices follow from.
  init(_ order: RequestOrder, seed: UInt64) {
    let base = order.urls[0]
    isNumbered = order.urls.count == 1 && base.target.contains("{n}")
    range = order.range
    heads = order.urls.map { RequestSource.head(of: $0, order) }
    keys = KeyChoice(
      count: isNumbered ? order.keys : heads.count, popularity: order.popularity, seed: seed)
    random = RandomSource(seed: seed &+ 1)
  }

  /// Composes the next request in `output`, which is emptied first.
  mutating func next(into output: inout [UInt8]) {
    output.removeAll(keepingCapacity: true)
    let key = keys.next()
    let head = heads[isNumbered ? 0 : key]
    output.append(contentsOf: head.front)
    if isNumbered { output.append(contentsOf: String(key).utf8) }
    output.append(contentsOf: head.back)
    if let range {
      let first = range.first(&random)
      output.append(contentsOf: "Range: bytes=\(first)-\(first + range.length - 1)\r\n".utf8)
    }
    output.append(13)
    output.append(10)
  }

  /// All requests are the same bytes.
  var isConstant: Bool { heads.count == 1 && !isNumbered && range?.isFixed ?? true }

  private static func head(
    of url: LoadURL, _ order: RequestOrder
  ) -> (front: [UInt8], back: [UInt8]) {
    var target = url.target[...]
    var rest = ""[...]
    if let place = target.firstRange(of: "{n}") {
      rest = target[place.upperBound...]
      target = target[..<place.lowerBound]
    }
    var back = "\(rest) HTTP/1.1\r\nHost: \(order.host ?? url.authority)\r\n"
    let names = order.fields.map { $0.name.lowercased() }
    if !names.contains("user-agent") { back += "User-Agent: spillway-load\r\n" }
    if !names.contains("accept") { back += "Accept: */*\r\n" }
    for field in order.fields { back += "\(field.name): \(field.value)\r\n" }
    return (Array("GET \(target)".utf8), Array(back.utf8))
  }
}

/// What is asked for.
public struct RequestOrder: Sendable {
  /// One URL, in whose target `{n}` stands for a number below `keys`; or several of one host.
  public var urls: [LoadURL]
  /// The Host field, where it is not the URL's.
  public var host: String?
  /// Further fields.
  public var fields: [(name: String, value: String)] = []
  /// How many numbers `{n}` takes.
  public var keys = 1
  /// Which of them are asked for how often.
  public var popularity = Popularity.uniform
  /// The bytes that are asked for, if not all.
  public var range: RangeOrder?

  /// Asks for these URLs.
  public init(urls: [LoadURL]) { self.urls = urls }

  /// Reads lines of targets or URLs under `base`; empty ones and those that begin with `#` are left
  /// out.
  ///
  /// - Throws: `LoadError.usage` for a line that is neither, or leads elsewhere.
  public static func targets(
    _ text: String, under base: LoadURL
  ) throws(LoadError) -> [LoadURL] {
    var urls: [LoadURL] = []
    for line in text.split(whereSeparator: \.isNewline) {
      if line.isEmpty || line.hasPrefix("#") { continue }
      if line.hasPrefix("/") {
        urls.append(try LoadURL("http://\(base.authority)\(line)"))
      } else {
        let url = try LoadURL(String(line))
        guard url.address == base.address else {
          throw .usage("\(line): all URLs have to lead to \(base.address)")
        }
        urls.append(url)
      }
    }
    guard !urls.isEmpty else { throw .usage("the list of URLs is empty") }
    return urls
  }
}

/// The range of each request.
public struct RangeOrder: Sendable, Equatable {
  /// Bytes that each asks for.
  let length: UInt64
  /// The object's length, in which the range lies anywhere; `nil` for the front.
  let within: UInt64?

  /// - Throws: `LoadError.usage` for a range that does not fit.
  public init(length: UInt64, within: UInt64? = nil) throws(LoadError) {
    guard length > 0, within.map({ $0 >= length }) ?? true else {
      throw .usage("a range has at least one byte, and no more than the object")
    }
    self.length = length
    self.within = within
  }

  var isFixed: Bool { within == nil }

  func first(_ random: inout RandomSource) -> UInt64 {
    guard let within else { return 0 }
    return random.next() % (within - length + 1)
  }
}
