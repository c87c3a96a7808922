import Testing

@testable import RPC

/// What a peer sends and what may come of it.
struct ConformanceCase: Sendable {
  let sends: String
  let expected: Expectation
  /// What our endpoint does, when it is not the first of what is expected.
  let ours: Outcome
  /// Why, when it is none of what is expected.
  let miss: String?
  /// Whether the TLS handshake alone comes before the case, or the prefaces of both sides too.
  let isBare: Bool
  let write: @Sendable (FramePeer) -> Void

  init(
    _ sends: String, _ expected: Expectation, ours: Outcome? = nil, miss: String? = nil,
    isBare: Bool = false, _ write: @escaping @Sendable (FramePeer) -> Void
  ) {
    self.sends = sends
    self.expected = expected
    self.ours = ours ?? expected.accepted[0]
    self.miss = miss
    self.isBare = isBare
    self.write = write
  }
}

/// The cases of one section of a specification. A case's id is the section's with its number, from 1.
struct ConformanceSection: CustomTestStringConvertible, Sendable {
  let id: String
  let title: String
  /// Where the rules are written.
  let source: String
  let cases: [ConformanceCase]
  /// How many of the cases, the first ones, are h2spec's.
  let suiteCount: Int

  init(
    _ id: String, _ title: String, _ source: String, suite: Int? = nil, _ cases: [ConformanceCase]
  ) {
    suiteCount = suite ?? cases.count
    self.id = id
    self.title = title
    self.source = source
    self.cases = cases
  }

  var numbered: [(id: String, case: ConformanceCase)] {
    cases.enumerated().map { ("\(id)/\($0.offset + 1)", $0.element) }
  }

  var testDescription: String { id }
}
