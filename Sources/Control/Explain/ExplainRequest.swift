internal import Policy
internal import Wire

/// What an operator wants explained: a request as a viewer would send it, and perhaps an answer.
public struct ExplainRequest: Sendable {
  /// Why a text cannot be explained.
  public typealias Mistake = PurgeRequest.Mistake

  /// The request's head as it would arrive.
  let request: [UInt8]
  /// The head of an answer that the origin might give; empty if none is given.
  let response: [UInt8]

  /// The most bytes of all field lines, and of the answer's head: what Wire takes of a peer.
  static let headBytesMax = WireLimits.headMax

  /// Gathers a request.
  ///
  /// - Parameters:
  ///   - url: `http://host/path?query`.
  ///   - method: The method; GET if empty.
  ///   - fields: `Name: value` lines, separated by line feeds.
  ///   - response: The head of an answer as `curl -sI` prints it; empty for none.
  /// - Throws: What is wrong and what to write instead.
  public init(
    url: String, method: String = "", fields: String = "", response: String = ""
  ) throws(Mistake) {
    let (host, target) = try PurgeRequest.split(
      url, example: "http://live.example.com/main.m3u8")
    let line = "\(method.isEmpty ? "GET" : method) \(target) HTTP/1.1"
    let lines = fields.split(whereSeparator: \.isNewline).map(String.init)
    let text = ([line, "Host: \(host)"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
    request = Array(text.utf8)
    self.response = Self.head(response)
    try checkRequest()
    try checkResponse()
  }

  /// Reads the head of an answer from a file, or from standard input if that is `-`; blocks.
  ///
  /// - Throws: What is wrong with the file.
  public static func readHead(_ file: String) throws(Mistake) -> String {
    do throws(TextFile.Failure) {
      return try file == "-"
        ? TextFile.readInput(bytesMax: headBytesMax)
        : TextFile.read(file, bytesMax: headBytesMax)
    } catch {
      throw Mistake(message: "cannot read \(file): \(error.reason)")
    }
  }

  /// A head with the line ends and the blank line that HTTP wants.
  private static func head(_ text: String) -> [UInt8] {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .prefix { !$0.isEmpty }
    if lines.isEmpty { return [] }
    // `curl` names HTTP/2 and later in the first line; the fields are the same.
    var first = String(lines[0])
    if first.hasPrefix("HTTP/"), !first.hasPrefix("HTTP/1.") {
      first = "HTTP/1.1 " + first.drop { $0 != " " }.dropFirst()
    }
    let all = [first] + lines.dropFirst().map(String.init)
    return Array((all.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private func checkRequest() throws(Mistake) {
    var parser = RequestHeadParser()
    var head = RequestHead()
    do throws(HeadError) {
      guard try parser.parse(request.span, into: &head) == request.count else {
        throw HeadError.leadingGarbage
      }
    } catch {
      throw Mistake(message: "the request would be refused: \(error.reason)")
    }
  }

  private func checkResponse() throws(Mistake) {
    guard !response.isEmpty else { return }
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    do throws(HeadError) {
      guard try parser.parse(response.span, requestMethod: .head, into: &head) != nil else {
        throw HeadError.leadingGarbage
      }
    } catch {
      throw Mistake(message: "the answer's head would be refused: \(error.reason)")
    }
  }
}
