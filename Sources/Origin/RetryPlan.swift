/// What one fetch may still try: a value that judges each failed attempt.
///
/// Nothing is tried again once the client has the final head, or once a byte of the request's body
/// has been taken from the viewer: it cannot be taken twice.
struct RetryPlan: Equatable {
  /// What to do after a failed attempt.
  enum Next: Equatable {
    /// The same server on a new connection: the kept one had died.
    case freshConnection
    /// The same server at its next address.
    case nextAddress
    /// The next server, if one is left.
    case nextServer
    /// Nothing: the failure is final.
    case surrender
  }

  /// How far the attempt had come.
  struct Progress: Equatable {
    /// It ran over a connection that had served before.
    var reused = false
    /// A byte of the request has been given to the kernel.
    var requestStarted = false
    /// A byte of the request's body has been taken from the client.
    var uploadStarted = false
    /// A byte of an answer has come.
    var answerStarted = false
    /// The final head has been given to the client.
    var headGiven = false
    /// The server has an address that this fetch has not tried.
    var moreAddresses = false
  }

  /// Whether a request that may have been received may be sent again (RFC 9110 §9.2.2).
  let mayRepeat: Bool
  /// Whether another server may be asked.
  let mayGoElsewhere: Bool
  /// The servers tried and given up, and those that must not be asked.
  private(set) var tried: ServerSet
  /// The attempts made.
  private(set) var attempts = 0
  /// The addresses of the present server that failed.
  private(set) var addressesFailed = 0
  /// Whether the one retry after a dead kept connection is used up.
  private(set) var retriedFresh = false

  /// - Parameters:
  ///   - mayRepeat: whether a request that may have been received may be sent again.
  ///   - mayGoElsewhere: whether another server may be asked.
  ///   - avoided: servers that must not be asked.
  init(mayRepeat: Bool, mayGoElsewhere: Bool = true, avoided: ServerSet = []) {
    self.mayRepeat = mayRepeat
    self.mayGoElsewhere = mayGoElsewhere
    tried = avoided
  }

  /// Notes that an attempt begins.
  mutating func began() { attempts += 1 }

  /// Judges the failure of the attempt at `server`.
  mutating func failed(_ kind: FetchFailure.Kind, at server: Int, _ progress: Progress) -> Next {
    precondition(server >= 0 && server < OriginLimits.serversMax, "no such server")
    guard attempts < OriginLimits.attemptsMax, mayTryAgain(kind, progress) else {
      return .surrender
    }
    if kind == .reset, progress.reused, !progress.answerStarted, !retriedFresh {
      retriedFresh = true
      return .freshConnection
    }
    if isConnectFailure(kind), progress.moreAddresses,
      addressesFailed + 1 < OriginLimits.addressesTriedMax
    {
      addressesFailed += 1
      return .nextAddress
    }
    guard mayGoElsewhere else { return .surrender }
    tried.insert(server)
    addressesFailed = 0
    return .nextServer
  }

  /// A hedge found that `server` is of no use.
  mutating func gaveUp(_ server: Int) { tried.insert(server) }

  private func mayTryAgain(_ kind: FetchFailure.Kind, _ progress: Progress) -> Bool {
    if kind == .uploadBroken || kind == .overLimit || kind == .originBusy { return false }
    if progress.headGiven || progress.uploadStarted { return false }
    return mayRepeat || !progress.requestStarted
  }

  private func isConnectFailure(_ kind: FetchFailure.Kind) -> Bool {
    kind == .refused || kind == .connectTimedOut
  }
}
