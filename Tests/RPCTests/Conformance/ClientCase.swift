import Model

@testable import RPC

/// What a server sends once it has a whole request of our client, and what may come of it.
struct ClientCase: Sendable {
  let sends: String
  let expected: Expectation
  let ours: Outcome
  /// How the call ends. When the case leaves it open, the server answers it afterwards in order.
  let call: StatusCode
  let miss: String?
  let write: @Sendable (FramePeer, UInt32) -> Void

  init(
    _ sends: String, _ expected: Expectation, ours: Outcome? = nil, call: StatusCode,
    miss: String? = nil, _ write: @escaping @Sendable (FramePeer, UInt32) -> Void
  ) {
    self.sends = sends
    self.expected = expected
    self.ours = ours ?? expected.accepted[0]
    self.call = call
    self.miss = miss
    self.write = write
  }
}

/// The cases of one section for a client.
struct ClientSection: Sendable {
  let id: String
  let title: String
  let source: String
  let cases: [ClientCase]

  init(_ id: String, _ title: String, _ source: String, _ cases: [ClientCase]) {
    self.id = id
    self.title = title
    self.source = source
    self.cases = cases
  }

  var numbered: [(id: String, case: ClientCase)] {
    cases.enumerated().map { ("\(id)/\($0.offset + 1)", $0.element) }
  }
}
