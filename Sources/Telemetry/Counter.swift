/// What a worker counts, apart from requests, sent bytes and times, which have rows by label.
///
/// A case is a cell of the worker's own array. Names, labels and help stand in `MetricTable`, once.
public enum Counter: Int, CaseIterable, Sendable {
  // Viewer connections and what came over them.
  case viewerConnectionsAccepted, viewerConnectionsClosed, viewerConnectionsActive
  case viewerConnectionsRefused, acceptBackOffs, viewerBytesReceived, requestsActive

  // Requests that were refused for their own faults.
  case requestBadHead, requestTooLarge, requestHeadTimeout, requestBodyTimeout
  case requestUnknownHost, requestLoop, requestBadReload

  // Answers that were cut after their head had gone out.
  case responseAbortedByViewer, responseAbortedByOrigin, responseAbortedByEdge

  // Fills and who waits on them.
  case fillsActive, fillsStarted, fillsSealed, fillsRevalidated, fillsPassed, fillsAborted
  case fillResumptions, fillResumptionsRefused
  case fillsPrefetched, segmentsRefused, segmentsFromTwin, segmentsHeld
  case streamSwitches, streamRestarts, streamRegressionsWithheld, streamEndsWithheld, streamEnds
  case streamStale, streamTwinsAsked, streamPassedUnchanged
  case reloadsFromState, reloadsAskedAgain, reloadsTimedOut, reloadsOvertaken, deltaUpdatesMade
  case gzipsMade
  case streamWouldSwitch, streamWouldRestart, streamWouldWithhold
  case rewritesMade, rewritesRefused
  case fillsRefused, fillJoins, fillWaitersReleased, readersLapped

  // Origins.
  case originRequests, originBytesReceived, originBytesSent
  case originConnectionsActive, originConnectionsOpened, originConnectionsReused
  case originRetriesReusedConnection, originRetriesNextServer, originRetriesRefused
  case originFetchesWaiting, originFetchesQueued, originFetchesRefused
  case originHedgesStarted, originHedgesWon, originHedgesRefused
  case originResponses1xx, originResponses2xx, originResponses3xx
  case originResponses4xx, originResponses5xx
  case originConnectRefused, originConnectTimeout, originFirstByteTimeout, originStall
  case originReset, originBadHead, originTruncated, originBadChunk, originNameUnresolved

  // The disk tier, as workers see it.
  case diskHits, diskAnswersLate

  // Memory tier and purges.
  case memoryAdmissionsRefused
  case purgesOfURL, purgesOfSite, purgesOfPrefix, purgesOfTag
  case containersOpen, containerChecksDisabled

  // The worker itself.
  case turns, messages, accessRecordsDropped
  case stallsInSockets, stallsInMailbox, stallsInTimers, stallsInEndOfTurn
}
