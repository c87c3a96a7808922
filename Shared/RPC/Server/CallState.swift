/// Where a call on a server stands, and all the ways it can move on.
///
///     head ──► request ──► running ──► answering ──► closed
///       │         │                        ▲
///       ├─────────┼── no handler to run ───┘
///       └──► running, when the method takes a stream of requests
///
/// Any state goes to `closed` when the stream is reset or the connection ends; nothing leaves `closed`.
enum CallState: Sendable, Hashable, CaseIterable {
  /// Header fields are arriving.
  case head
  /// The method is known; its one request is arriving.
  case request
  /// The handler is at work; a stream of requests may still be arriving.
  case running
  /// The outcome is known; messages and trailers may wait for flow control.
  case answering
  /// Nothing more is received or sent.
  case closed

  enum Event: Sendable, CaseIterable {
    /// The header fields are acceptable, and the method takes one request.
    case awaitRequest
    /// All is there that the handler needs to begin.
    case start
    /// The outcome is known: the handler's, a refusal or a passed deadline.
    case answer
    /// The stream is done, reset, or lost with its connection.
    case close
  }

  /// Where the event leads from here; nil when it cannot happen here, or no longer matters.
  func after(_ event: Event) -> CallState? {
    switch (self, event) {
    case (.head, .awaitRequest): .request
    case (.head, .start), (.request, .start): .running
    case (.head, .answer), (.request, .answer), (.running, .answer): .answering
    case (.head, .close), (.request, .close), (.running, .close), (.answering, .close): .closed
    default: nil
    }
  }

  /// Moves on; false when the event cannot happen here, which changes nothing.
  mutating func advance(_ event: Event) -> Bool {
    guard let next = after(event) else { return false }
    self = next
    return true
  }
}
