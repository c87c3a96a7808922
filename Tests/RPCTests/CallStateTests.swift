import Testing

@testable import RPC

@Suite struct CallStateTests {
  /// Everything that may happen; nothing else does.
  static let transitions: [CallState: [CallState.Event: CallState]] = [
    .head: [.awaitRequest: .request, .start: .running, .answer: .answering, .close: .closed],
    .request: [.start: .running, .answer: .answering, .close: .closed],
    .running: [.answer: .answering, .close: .closed],
    .answering: [.close: .closed],
    .closed: [:],
  ]

  @Test(arguments: CallState.allCases, CallState.Event.allCases)
  func callMovesOnlyAlongTheTable(from state: CallState, on event: CallState.Event) {
    let expected = Self.transitions[state]?[event]
    var moved = state
    let hasMoved = moved.advance(event)
    #expect(hasMoved == (expected != nil))
    #expect(moved == expected ?? state)
  }

  @Test func callAnswersAtMostOnce() {
    for state in CallState.allCases {
      var call = state
      _ = call.advance(.answer)
      let answersAgain = call.advance(.answer)
      #expect(!answersAgain)
    }
  }
}
