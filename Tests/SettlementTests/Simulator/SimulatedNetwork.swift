import Codec
import Model
import RPC
import Synchronization
import TestSupport

@testable import SettlementAPI

/// Carries what partitions say to each other, and loses, repeats or delays it as it is told.
final class SimulatedNetwork: Sendable {
  enum Fate: CaseIterable {
    case delivered
    case twice
    /// It may still arrive, much later.
    case requestLost
    case answerLost
  }

  struct Lost: Error {}

  /// The second of two deliveries had another answer.
  struct AnsweredDifferently: Error {}

  /// Something that was said, and how it was answered, if it has arrived.
  struct Message {
    enum Content {
      case credit(SettlementV1.CreditCrossingRequest)
      case confirm(SettlementV1.ConfirmCrossingRequest)
    }
    let content: Content
    let peer: String
    var answer: SettlementV1.CreditCrossingResponse?

    var crossing: TransferID {
      switch content {
      case .credit(let request): request.crossing.id
      case .confirm(let request): request.crossingID
      }
    }
  }

  private struct State {
    var instances: [String: CrossingHandler] = [:]
    var fate = Fate.delivered
    var messages: [Message] = []
  }
  private let state = Mutex(State())

  /// Where a partition is from now on.
  func set(_ handler: CrossingHandler, for partition: String) {
    state.withLock { $0.instances[partition] = handler }
  }

  /// What becomes of what is said from now on.
  func set(_ fate: Fate) { state.withLock { $0.fate = fate } }

  var messages: [Message] { state.withLock { $0.messages } }

  /// Delivers what was said before once more, or for the first time.
  func deliver(_ message: Message) async throws -> SettlementV1.CreditCrossingResponse? {
    guard let handler = state.withLock({ $0.instances[message.peer] }) else { throw Lost() }
    let context = CallContext.test(caller: .service(name: "settlement"))
    switch message.content {
    case .credit(let request): return try await handler.creditCrossing(request, context)
    case .confirm(let request):
      _ = try await handler.confirmCrossing(request, context)
      return nil
    }
  }

  fileprivate func send(_ message: Message) async throws -> SettlementV1.CreditCrossingResponse? {
    let fate = state.withLock { $0.fate }
    if fate == .requestLost {
      state.withLock { $0.messages.append(message) }
      throw Lost()
    }
    var message = message
    message.answer = try await deliver(message)
    if fate == .twice {
      let again = try await deliver(message)
      guard again == message.answer else { throw AnsweredDifferently() }
    }
    state.withLock { $0.messages.append(message) }
    if fate == .answerLost { throw Lost() }
    return message.answer
  }
}

/// The network as one partition has it.
struct SimulatedPeers: CrossingPeers {
  let name: String
  let network: SimulatedNetwork

  func ownName() -> String { name }

  func credit(
    _ request: SettlementV1.CreditCrossingRequest, at peer: String
  ) async throws -> SettlementV1.CreditCrossingResponse {
    let message = SimulatedNetwork.Message(content: .credit(request), peer: peer)
    guard let answer = try await network.send(message) else { throw SimulatedNetwork.Lost() }
    return answer
  }

  func confirm(_ request: SettlementV1.ConfirmCrossingRequest, at peer: String) async throws {
    _ = try await network.send(.init(content: .confirm(request), peer: peer))
  }

  func close() async {}
}
