public import Streams
public import Wire

/// What is asked of an origin, written anew from a viewer's request: complete but for the server.
///
/// It holds copies, because a Fill outlives the viewer that caused it and may run on another
/// worker. `appendHead(to:server:condition:)` writes the head for one server, so that a retry on
/// another is the same request.
///
/// **A Fill** of a stream sends nothing of the viewer's but the target (what the key holds of it)
/// and the fields that the key's Vary rule names, normalised: so nothing of a viewer can colour
/// what others get. For anything else it carries the viewer's fields too (`ForwardedField`), for
/// RFC 9110 section 5.1 wants unknown fields to go on; a rule says otherwise. An origin that
/// varies its answer gets the named fields normalised from the second Fill on. It accepts the
/// codings that the viewer takes, or `identity` alone for playlists, manifests and media.
///
/// **A pass** sends every end-to-end field, as the viewer sent it, in order.
public struct OriginRequest: Sendable, Equatable {
  /// The method.
  public let method: Method
  /// How the body is framed towards the origin; `none` for Fills.
  public let framing: BodyFraming
  private let methodText: [UInt8]
  private let target: [UInt8]
  /// The Host that every server gets; `nil`: each gets its own.
  private let host: [UInt8]?
  /// Complete field lines.
  private let fields: [UInt8]

  /// Whether objects of this kind are fetched with identity coding, whatever the viewer accepts.
  ///
  /// Media does not compress, a playlist is read as it passes, and one answer serves all. At lookup
  /// the kind is guessed from the path alone; `other` is negotiated.
  public static func isIdentityOnly(_ kind: ObjectKind) -> Bool { kind != .other }

  /// A request of given parts; `fields` are complete lines, without Host and framing.
  public init(
    method: Method, framing: BodyFraming, methodText: [UInt8], target: [UInt8], host: [UInt8]?,
    fields: [UInt8]
  ) {
    self.method = method
    self.framing = framing
    self.methodText = methodText
    self.target = target
    self.host = host
    self.fields = fields
  }

  /// The request of a Fill: always GET, also where a HEAD missed.
  ///
  /// - Parameters:
  ///   - target: The key's text from `CacheKey.targetStart`; the mark of an epoch is left out.
  ///   - head: The request that missed.
  ///   - bytes: The bytes that `head` was parsed from.
  ///   - vary: The Vary rule that the key is known to have, if any.
  ///   - isIdentityOnly: The object is a playlist, manifest or media by its name.
  ///   - rule: The rule that matched: which fields of the viewer go on.
  ///   - site: The index of the site.
  ///   - snapshot: The configuration.
  /// - Returns: The request, for any server of the site's origin.
  public static func fill(
    target: Span<UInt8>, head: borrowing RequestHead, bytes: Span<UInt8>, vary: VaryRule?,
    isIdentityOnly: Bool, rule: Rule = .none, site: Int, snapshot: Snapshot
  ) -> OriginRequest {
    let origin = snapshot.origins[snapshot.site(site).origin]
    let negotiation = snapshot.negotiation(of: rule)
    var fields: [UInt8] = []
    if !(vary?.namesAcceptEncoding ?? false) {
      fields.append(text: "Accept-Encoding: ")
      negotiation.appendCodings(
        head, bytes: bytes, isIdentityOnly: isIdentityOnly, to: &fields)
      fields.append(text: "\r\n")
    }
    vary?.appendFields(head: head, bytes: bytes, isIdentityOnly: isIdentityOnly, to: &fields)
    if rule.forwardsFields(ofStream: isIdentityOnly) {
      appendForwarded(
        head, bytes: bytes, vary: vary, rule: rule, negotiation, origin: origin, to: &fields)
    }
    fields.appendField("Via", Array("1.1 ".utf8) + snapshot.nodeName)
    appendLoop(head, bytes: bytes, snapshot: snapshot, to: &fields)
    for header in origin.headers { fields.appendField(header.name, header.value) }
    return OriginRequest(
      method: .get, framing: .none, methodText: Array("GET".utf8),
      target: EpochMark.removed(from: copy(target)),
      host: hostSent(origin, head, bytes), fields: fields)
  }

  /// The same request for another target; the mark of an epoch is left out.
  public func asking(for target: [UInt8]) -> OriginRequest {
    OriginRequest(
      method: method, framing: framing, methodText: methodText,
      target: EpochMark.removed(from: target), host: host, fields: fields)
  }

  /// The request of a pass.
  ///
  /// Dropped are the fields of the viewer's connection, those that the origin's configuration
  /// replaces, and Forwarded: a chain in which this hop were missing would be believed. Expect is
  /// answered by the node itself, once the origin's connection takes the body.
  ///
  /// - Parameters:
  ///   - head: The viewer's request.
  ///   - bytes: The bytes that `head` was parsed from.
  ///   - client: The viewer's address as text, for X-Forwarded-For; empty leaves the field as is.
  ///   - isSecure: The viewer came over TLS: X-Forwarded-Proto.
  ///   - site: The index of the site.
  ///   - snapshot: The configuration.
  /// - Returns: The request, for any server of the site's origin.
  public static func pass(
    head: borrowing RequestHead, bytes: Span<UInt8>, client: Span<UInt8>, isSecure: Bool, site: Int,
    snapshot: Snapshot
  ) -> OriginRequest {
    let origin = snapshot.origins[snapshot.site(site).origin]
    var fields: [UInt8] = []
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      guard !field.isHopByHop, passes(field.token) else { continue }
      let name = bytes.slice(field.name)
      guard !isReplaced(name, by: origin) else { continue }
      fields.append(copying: name)
      fields.append(text: ": ")
      fields.append(copying: bytes.slice(field.value))
      fields.append(text: "\r\n")
    }
    appendList("X-Forwarded-For", .xForwardedFor, head, bytes: bytes, own: client, to: &fields)
    fields.appendField("X-Forwarded-Proto", isSecure ? "https" : "http")
    var via = Array("1.\(head.minorVersion) ".utf8)
    via += snapshot.nodeName
    appendList("Via", .via, head, bytes: bytes, own: via.span, to: &fields)
    appendLoop(head, bytes: bytes, snapshot: snapshot, to: &fields)
    for header in origin.headers { fields.appendField(header.name, header.value) }
    return OriginRequest(
      method: head.method, framing: head.framing, methodText: copy(bytes.slice(head.methodText)),
      target: EpochMark.removed(from: targetOfPass(head, bytes)),
      host: hostSent(origin, head, bytes), fields: fields)
  }

  /// Writes the request's head for `server`, blank line included.
  ///
  /// - Parameters:
  ///   - output: Where the head is appended.
  ///   - server: The server that is asked: its path prefix and, by `host = "origin"`, its Host.
  ///   - condition: What makes the request a revalidation or a resumption; Fills only.
  public func appendHead(
    to output: inout [UInt8], server: ServerSettings, condition: OriginCondition = .none
  ) {
    output.append(contentsOf: methodText)
    output.append(UInt8(ascii: " "))
    if target.first == UInt8(ascii: "/") { output.append(contentsOf: server.pathPrefix.utf8) }
    output.append(contentsOf: target)
    output.append(text: " HTTP/1.1\r\nHost: ")
    if let host {
      output.append(contentsOf: host)
    } else {
      output.append(contentsOf: server.authority.utf8)
    }
    output.append(text: "\r\n")
    output.append(contentsOf: fields)
    switch framing {
    case .none, .untilClose: break
    case .length(let length): output.appendField("Content-Length", "\(length)")
    case .chunked: output.append(text: "Transfer-Encoding: chunked\r\n")
    }
    condition.append(to: &output)
    output.append(text: "\r\n")
  }
}

extension OriginRequest {
  private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.append(copying: bytes)
    return copy
  }

  /// The Host for all servers, if it is not each server's own.
  private static func hostSent(
    _ origin: OriginSettings, _ head: borrowing RequestHead, _ bytes: Span<UInt8>
  ) -> [UInt8]? {
    switch origin.host {
    case .origin: nil
    case .viewer: copy(bytes.slice(head.target.host))
    case .name(let name): Array(name.utf8)
    }
  }

  /// The viewer's fields that go on with a Fill; those that the Vary rule names stand already.
  ///
  /// Where a rule lists languages, the first answer is asked for as its variant will be.
  private static func appendForwarded(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, vary: VaryRule?, rule: Rule,
    _ negotiation: Negotiation, origin: OriginSettings, to output: inout [UInt8]
  ) {
    let reducesLanguages = !negotiation.languages.isEmpty
    var hasLanguages = false
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      let name = bytes.slice(field.name)
      guard ForwardedField.goesOn(field, name: name, rule: rule),
        !isReplaced(name, by: origin), !(vary?.names(name) ?? false)
      else { continue }
      if reducesLanguages, field.token == .acceptLanguage {
        if !hasLanguages {
          output.append(text: "Accept-Language: ")
          let start = output.count
          if !negotiation.appendLanguages(head, bytes: bytes, to: &output) {
            output.removeLast(output.count - start)
          }
          output.append(text: "\r\n")
        }
        hasLanguages = true
        continue
      }
      output.append(copying: name)
      output.append(text: ": ")
      output.append(copying: bytes.slice(field.value))
      output.append(text: "\r\n")
    }
  }

  /// The target in origin form, byte for byte; `*` stays.
  private static func targetOfPass(
    _ head: borrowing RequestHead, _ bytes: Span<UInt8>
  ) -> [UInt8] {
    if head.target.form == .asterisk { return [UInt8(ascii: "*")] }
    if head.target.path.isEmpty, head.method == .options, !head.target.hasQuery {
      // RFC 9112 section 3.2.4: an absolute target without a path asks about the whole server.
      return [UInt8(ascii: "*")]
    }
    var target = copy(bytes.slice(head.target.path))
    if target.isEmpty { target.append(UInt8(ascii: "/")) }
    if head.target.hasQuery {
      target.append(UInt8(ascii: "?"))
      target.append(copying: bytes.slice(head.target.query))
    }
    return target
  }

  /// Whether a field named `token` goes on as it is; the others are written anew or dropped.
  private static func passes(_ token: FieldName) -> Bool {
    switch token {
    case .host, .contentLength, .transferEncoding, .via, .cdnLoop, .xForwardedFor,
      .xForwardedProto, .forwarded, .expect:
      false
    default: true
    }
  }

  private static func isReplaced(_ name: Span<UInt8>, by origin: OriginSettings) -> Bool {
    for header in origin.headers where name.equalsIgnoringCase(header.name.utf8Span.span) {
      return true
    }
    return false
  }

  private static func appendLoop(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, snapshot: Snapshot, to output: inout [UInt8]
  ) {
    appendList(
      "CDN-Loop", .cdnLoop, head, bytes: bytes, own: snapshot.nodeName.span, to: &output)
  }

  /// Writes a list field as one line: what the viewer sent, then `own`.
  private static func appendList(
    _ name: String, _ token: FieldName, _ head: borrowing RequestHead, bytes: Span<UInt8>,
    own: Span<UInt8>, to output: inout [UInt8]
  ) {
    var line = head.fields.firstIndex(of: token)
    guard line != nil || !own.isEmpty else { return }
    output.append(text: name)
    var separator: String = ": "
    while let index = line {
      output.append(text: separator)
      output.append(copying: bytes.slice(head.fields[index].value))
      separator = ", "
      line = head.fields.nextIndex(of: token, after: index)
    }
    if !own.isEmpty {
      output.append(text: separator)
      output.append(copying: own)
    }
    output.append(text: "\r\n")
  }
}
