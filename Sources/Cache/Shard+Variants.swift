internal import Bytes
internal import Policy
internal import Wire

/// The variant that answers a request.
struct VariantChoice {
  /// The hash under which it is entered.
  var hash: Hash128
  /// The rule that chose it; `nil` where answers vary by nothing.
  var rule: VaryRule?
  /// Other rules of the key choose as well.
  var isOneOfSeveral = false
}

// The variants of a key: RFC 9111 section 4.1.
extension Shard {
  /// Chooses the variant for a request; with the lock held.
  ///
  /// Of several stored answers that match by different rules the one with the latest Date answers;
  /// where none is stored, the latest rule says what is asked for.
  ///
  /// - Returns: `nil` when no Fill can stand for the request.
  func choose(
    _ request: LookupRequest, head: borrowing RequestHead, bytes: Span<UInt8>,
    purges: PurgeLog, scratch: inout [UInt8]
  ) -> VariantChoice? {
    let primary = request.key.hash
    guard let rules = entries[primary]?.rules, !rules.isEmpty else {
      return VariantChoice(hash: primary)
    }
    var latest: VariantChoice?
    var chosen: VariantChoice?
    var newest: CachedObject?
    for index in rules.indices {
      let hash = rules[index].variantKey(
        of: primary, head: head, bytes: bytes, isIdentityOnly: request.isIdentityOnly,
        scratch: &scratch)
      guard let hash else { continue }
      let choice = VariantChoice(
        hash: hash, rule: rules[index] == .everybody ? nil : rules[index],
        isOneOfSeveral: rules.count > 1)
      if index == 0 { latest = choice }
      guard rules.count > 1, let object = entries[hash]?.current,
        object.keyText == request.key.text, !object.isPurged(by: purges),
        newest.map({ object.isNewer(than: $0) }) ?? true
      else { continue }
      newest = object
      chosen = choice
    }
    return chosen ?? latest
  }

  /// The other variants that a 304 may name for a request whose own is not stored: RFC 9111
  /// section 4.3.3; with the lock held.
  ///
  /// Only bytes that anybody can read, under a strong tag: an origin that gives its gzip the tag
  /// of its plain bytes must not make a viewer wait for what he cannot decode.
  func siblings(
    _ request: LookupRequest, of variant: Hash128, purges: PurgeLog
  ) -> [CachedObject] {
    guard request.vary != nil, let key = entries[request.key.hash] else { return [] }
    return key.variants.compactMap { hash in
      guard hash != variant, let object = entries[hash]?.current,
        object.keyText == request.key.text, object.status == 200, object.body.file == nil,
        object.validators.isStrong, object.head.first(.contentEncoding) == nil,
        !object.isPurged(by: purges)
      else { return nil }
      return object
    }
  }

  /// A variant was asked for: it is the last of its key to leave.
  func touch(_ variant: Hash128, of primary: Hash128) {
    guard variant != primary, let variants = entries[primary]?.variants,
      variants.last != variant, let index = variants.firstIndex(of: variant)
    else { return }
    entries[primary]?.variants.remove(at: index)
    entries[primary]?.variants.append(variant)
  }

  /// Makes room for one more variant of a key: the one least recently asked for leaves.
  ///
  /// - Returns: false where all are being fetched.
  func makeRoom(
    for variant: Hash128, of primary: Hash128, leaving: inout [Departure]
  ) -> Bool {
    guard variant != primary, entries[variant] == nil, let key = entries[primary],
      key.variants.count >= PolicyLimits.variantsPerKeyMax
    else { return true }
    for old in key.variants {
      guard let entry = entries[old], entry.filling == nil, entry.pieces == nil,
        let departure = removeCurrent(at: old, of: primary)
      else { continue }
      leaving.append(departure)
      return true
    }
    return false
  }
}
