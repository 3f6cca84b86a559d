internal import Bytes
internal import Wire

/// The answer to one probe as it comes in: status, and the front of the body.
///
/// One for each probed server, used for one probe after the other.
final class ProbeClient: FetchClient {
  private unowned let prober: Prober
  private let target: Int
  private var keepMax = 0
  /// The status; 0 before the head came.
  private(set) var status: UInt16 = 0
  /// The front of the body.
  private(set) var body: [UInt8] = []
  /// The body was longer than what was to be kept of it.
  private(set) var isCut = false

  /// Tells `prober` of its target number `target`.
  init(prober: Prober, target: Int) {
    self.prober = prober
    self.target = target
  }

  /// Forgets the last answer, and keeps so much of the next body.
  func begin(keeping bytes: Int) {
    keepMax = bytes
    status = 0
    body = []
    isCut = false
  }

  override func fetchHead(
    _ id: FetchID, head: borrowing ResponseHead, bytes: Span<UInt8>, server: Int
  ) {
    status = head.status
  }

  override func fetchBody(_ id: FetchID, bytes: Span<UInt8>) {
    let kept = min(bytes.count, keepMax - body.count)
    for index in 0..<kept { body.append(bytes[index]) }
    if kept < bytes.count { isCut = true }
  }

  override func fetchEnded(_ id: FetchID, closeDelimited: Bool) { prober.answered(target) }

  override func fetchFailed(_ id: FetchID, _ failure: FetchFailure) {
    prober.failed(target, .broken(failure.kind))
  }
}
