/// Why a head was refused: the connection is answered with `status` and closed.
///
/// From an origin every case means 502.
public enum HeadError: UInt8, Error, Equatable, Sendable {
  case requestLineTooLong, headTooLong, tooManyFields
  case malformedRequestLine, malformedTarget, fragmentInTarget, userInformation, malformedStatusLine
  case malformedVersion, unsupportedVersion, methodNotAllowed
  case bareLineEnd, foldedLine, malformedFieldName, controlInValue, leadingGarbage
  case missingHost, repeatedHost, malformedHost
  case repeatedContentLength, malformedContentLength, contentLengthWithTransferEncoding
  case malformedTransferEncoding, unknownTransferCoding, transferEncodingInOldVersion
  case unknownExpectation, unexpectedUpgrade

  /// The status of the answer to a viewer.
  public var status: UInt16 {
    switch self {
    case .requestLineTooLong: 414
    case .headTooLong, .tooManyFields: 431
    case .methodNotAllowed: 405
    case .unsupportedVersion: 505
    case .unknownTransferCoding: 501
    case .unknownExpectation: 417
    default: 400
    }
  }

  /// One sentence for the log and the answer's body.
  public var reason: StaticString {
    switch self {
    case .requestLineTooLong: "The request line is longer than 8 KiB."
    case .headTooLong: "The head is longer than 32 KiB."
    case .tooManyFields: "The head has more than 100 fields."
    case .malformedRequestLine: "The request line is not method, target and version."
    case .malformedTarget: "The request target is not valid."
    case .fragmentInTarget: "The request target has a fragment."
    case .userInformation: "The request target has user information."
    case .malformedStatusLine: "The status line is not version, status and reason."
    case .malformedVersion: "The HTTP version is not valid."
    case .unsupportedVersion: "The HTTP version is not supported."
    case .methodNotAllowed: "The method is not allowed."
    case .bareLineEnd: "A line does not end with CRLF."
    case .foldedLine: "A field is folded over several lines."
    case .malformedFieldName: "A field name is not a token followed by a colon."
    case .controlInValue: "A field value has a control character."
    case .leadingGarbage: "The head does not start with a token."
    case .missingHost: "The Host field is missing."
    case .repeatedHost: "The Host field is repeated."
    case .malformedHost: "The host is not valid."
    case .repeatedContentLength: "The Content-Length field is repeated."
    case .malformedContentLength: "The Content-Length is not a number."
    case .contentLengthWithTransferEncoding: "Content-Length stands with Transfer-Encoding."
    case .malformedTransferEncoding: "The Transfer-Encoding is not valid."
    case .unknownTransferCoding: "The transfer coding is not supported."
    case .transferEncodingInOldVersion: "Transfer-Encoding stands in HTTP/1.0."
    case .unknownExpectation: "The expectation is not supported."
    case .unexpectedUpgrade: "The protocol was switched without being asked."
    }
  }
}
