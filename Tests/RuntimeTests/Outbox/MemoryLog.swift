import Crypto
import Model
import RPC
import Synchronization
import Testing
import TransparencyLog

/// The idempotent append of a log, in memory.
final class MemoryLog: Sendable {
  typealias Receipts = [AuditV1.AppendReceipt]
  private struct State {
    var events: [AuditV1.Event] = []
    /// Those of other producers among them.
    var leaves: [Digest] = []
    var indexes: [EventID: Int] = [:]
    var failures = 0
    var losesAnswer = false
    var calls = 0
    var lie: (@Sendable (inout Receipts) -> Void)?
    var refusal: RPCStatus?
  }
  private static let salt = [UInt8](repeating: 7, count: LogLimits.saltBytes)
  private let state = Mutex(State())
  var events: [AuditV1.Event] { state.withLock { $0.events } }
  /// The leaf hashes of all entries.
  var leaves: [Digest] { state.withLock { $0.leaves } }
  /// Takes an entry of another producer.
  func appendAnother() {
    state.withLock { $0.leaves.append(Digest.sha256(of: Array("\($0.leaves.count)".utf8))) }
  }
  var calls: Int { state.withLock { $0.calls } }
  func fail(times: Int) { state.withLock { $0.failures = times } }
  func loseNextAnswer() { state.withLock { $0.losesAnswer = true } }
  /// Changes every answer from now on; nil is the truth again.
  func lie(_ lie: (@Sendable (inout Receipts) -> Void)?) { state.withLock { $0.lie = lie } }
  /// Refuses every call from now on; nil takes them again.
  func refuse(_ refusal: RPCStatus?) { state.withLock { $0.refusal = refusal } }

  func append(_ request: AuditV1.AppendEntriesRequest) throws -> AuditV1.AppendEntriesResponse {
    try state.withLock { state in
      state.calls += 1
      if let refusal = state.refusal { throw refusal }
      if state.failures > 0 {
        state.failures -= 1
        throw RPCStatus(code: .unavailable, message: "not now")
      }
      var receipts: Receipts = []
      for event in request.events {
        let index = state.indexes[event.eventID] ?? state.leaves.count
        let receipt = try Self.receipt(of: event, at: index)
        if index == state.leaves.count {
          state.events.append(event)
          state.leaves.append(receipt.leafHash)
          state.indexes[event.eventID] = index
        }
        receipts.append(receipt)
      }
      if state.losesAnswer {
        state.losesAnswer = false
        throw RPCStatus(code: .unavailable, message: "lost")
      }
      state.lie?(&receipts)
      return AuditV1.AppendEntriesResponse(receipts: receipts)
    }
  }

  private static func receipt(
    of event: AuditV1.Event, at index: Int
  ) throws -> AuditV1.AppendReceipt {
    let body = try EntryBody(
      event, producer: "test", detailsHash: EntryDetails(event).commitment(salt: salt))
    return AuditV1.AppendReceipt(
      eventID: event.eventID, index: Int64(index), leafHash: MerkleHash.leaf(body.bytes),
      salt: salt)
  }
}
