internal import Bytes
internal import Cache
internal import Store

/// A request for a part of the list of all that is stored.
public struct CacheQuestion: Sendable, Equatable {
  /// The URL that what is listed begins with; empty for all.
  public var prefix = ""
  /// How many entries are enough; a page may have a few more, for its parts are not cut.
  public var limit = AdminLimits.listEntries
  /// Where to go on: what the page before said; empty begins.
  public var cursor = ""

  /// A request for the first entries of all.
  public init() {}
}

/// A part of the list of all that is stored.
public struct CachePage: Sendable {
  var entries: [CacheEntry] = []
  /// Where the next part begins; empty at the end.
  public internal(set) var next = ""

  /// The page as a line for each entry, and one that says where to go on.
  func rendered(isText: Bool) -> String {
    var text = ""
    for entry in entries { text += isText ? entry.text : entry.json }
    if isText { return text + "next \(next)\n" }
    var writer = JSONWriter()
    writer.object { $0.member("next", next) }
    return text + writer.finish()
  }
}

/// Walks over all that a node stores, a page at a time: memory first, then the volumes.
///
/// An object that lies in both is listed once, with memory. Nothing is kept between pages, so
/// what comes, goes or moves meanwhile may be missed or seen twice.
struct CacheWalk {
  let table: CacheTable
  let store: ObjectStore?
  let view: VolumeView
  let now: Instant

  /// Where a walk goes on.
  private enum Place: Equatable {
    case memory(part: Int)
    case volumes(IndexCursor)
  }

  /// One page, made within `AdminLimits.listTime` or the time that its last step takes.
  func page(_ question: CacheQuestion) throws(PurgeRequest.Mistake) -> CachePage {
    var page = CachePage()
    let prefix = question.prefix.isEmpty ? [] : try view.keyPrefix(ofURL: question.prefix)
    guard var place = Self.place(question.cursor, parts: table.partCount) else {
      throw PurgeRequest.Mistake(message: "the cursor is none that a page has named")
    }
    let deadline = now + AdminLimits.listTime
    do throws(StoreError) {
      let scanner = try store?.makeScanner()
      repeat {
        guard let next = try step(place, scanner, prefix, into: &page) else {
          page.next = ""
          return page
        }
        place = next
      } while page.entries.count < question.limit && Instant.read() < deadline
    } catch {
      throw PurgeRequest.Mistake(message: "the volumes cannot be listed: \(error)")
    }
    page.next = Self.text(place)
    return page
  }

  private func step(
    _ place: Place, _ scanner: VolumeScanner?, _ prefix: [UInt8], into page: inout CachePage
  ) throws(StoreError) -> Place? {
    switch place {
    case .memory(let part):
      for (object, _) in table.stored(inPart: part)
      where prefix.isEmpty || object.keyText.starts(with: prefix) {
        var entry = CacheEntry(object, purges: table.purges, now: now)
        if let place = try scanner?.place(of: object.variant), object.extent == nil {
          entry.volume = path(of: place)
          entry.zone = place.zone
        }
        page.entries.append(entry)
      }
      if part + 1 < table.partCount { return .memory(part: part + 1) }
      return scanner == nil ? nil : .volumes(IndexCursor(hash: Hash128(low: 0, high: 0), number: 0))
    case .volumes(let cursor):
      let next = try scanner?.list(from: cursor, limit: AdminLimits.listStep) { object in
        guard !table.isStored(object.hash, of: object.primary) else { return }
        let entry = CacheEntry(object, volume: path(of: object.record.place), view: view)
        if prefix.isEmpty || entry.key.utf8.starts(with: prefix) { page.entries.append(entry) }
      }
      return next.map { .volumes($0) }
    }
  }

  private func path(of place: Store.Place) -> String {
    store?.volumes[Int(place.volume)].path ?? ""
  }

  /// `m7` for a part of memory, `v` with hash and number for a place in the index.
  private static func text(_ place: Place) -> String {
    switch place {
    case .memory(let part): "m\(part)"
    case .volumes(let cursor): "v\(cursor.hash.text)-\(cursor.number)"
    }
  }

  private static func place(_ text: String, parts: Int) -> Place? {
    if text.isEmpty { return .memory(part: 0) }
    let rest = text.dropFirst()
    if text.hasPrefix("m") {
      return Int(rest).flatMap { (0..<parts).contains($0) ? .memory(part: $0) : nil }
    }
    let words = rest.split(separator: "-")
    guard text.hasPrefix("v"), words.count == 2, words[0].utf8.count == 32,
      let high = UInt64(words[0].prefix(16), radix: 16),
      let low = UInt64(words[0].suffix(16), radix: 16), let number = UInt32(words[1])
    else { return nil }
    return .volumes(IndexCursor(hash: Hash128(low: low, high: high), number: number))
  }
}
