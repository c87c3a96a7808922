import Codec
import ConnectorStore
import GRDB
import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime

/// Has settlement confirm each receipt, again and again until it answers for good. The receipt's id
/// is the request's, so that settlement counts a repetition once.
struct ReceiptRelay: Service {
  private static let batchLimit = 64

  let database: ServiceDatabase
  let clock: WallClock
  let logger: Logger
  let confirm: @Sendable (SettlementV1.ConfirmDeliveryRequest) async throws -> Void
  private let signal = CommitSignal()

  init(
    database: ServiceDatabase, clock: WallClock, logger: Logger,
    confirm: @escaping @Sendable (SettlementV1.ConfirmDeliveryRequest) async throws -> Void
  ) {
    self.database = database
    self.clock = clock
    self.logger = logger
    self.confirm = confirm
    database.add(signal)
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      for await _ in signal.wakeups {
        var backoff = Backoff()
        while try await !sendWaiting() { try await backoff.wait() }
      }
    }
  }

  /// One attempt at one receipt, right away.
  func sendNow(_ id: ReceiptID, order: OrderID, receipt: [UInt8]) async {
    do {
      guard try await database.read({ try ReceiptTable($0).outcome(of: id) }) == .waiting else {
        return
      }
      _ = try await send(id, order, receipt)
    } catch {
      logger.warning("a receipt waits", metadata: ["receipt": "\(id)", "cause": "\(error)"])
    }
  }

  /// False when some must be tried again.
  private func sendWaiting() async throws -> Bool {
    do {
      let waiting = try await database.read { try ReceiptTable($0).waiting(limit: Self.batchLimit) }
      var isDone = waiting.count < Self.batchLimit
      for (id, order, receipt) in waiting {
        try Task.checkCancellation()
        if try await !send(id, order, receipt) { isDone = false }
      }
      return isDone
    } catch {
      try Task.checkCancellation()
      logger.warning("receipts wait", metadata: ["cause": "\(error)"])
      return false
    }
  }

  /// False when settlement has not decided.
  private func send(_ id: ReceiptID, _ order: OrderID, _ receipt: [UInt8]) async throws -> Bool {
    let outcome: ReceiptTable.Outcome
    do {
      try await confirm(
        SettlementV1.ConfirmDeliveryRequest(
          requestID: RequestID(high: id.high, low: id.low), orderID: order,
          receipt: try DeliveryV1.DeliveryReceipt.decode(receipt)))
      outcome = .confirmed
    } catch let status as RPCStatus where Self.isFinal(status.code) {
      let reason = status.details?.reason ?? status.code.name
      logger.error("receipt refused", metadata: ["receipt": "\(id)", "reason": "\(reason)"])
      outcome = .refused(reason: reason)
    } catch let status as RPCStatus {
      logger.warning("receipt not confirmed", metadata: ["receipt": "\(id)", "cause": "\(status)"])
      outcome = .waiting
    }
    let now = clock.now()
    try await database.write { try ReceiptTable($0).settle(id, outcome, at: now) }
    return outcome != .waiting
  }

  /// Whether settlement will say the same again.
  private static func isFinal(_ code: StatusCode) -> Bool {
    switch code {
    case .invalidArgument, .notFound, .alreadyExists, .failedPrecondition, .outOfRange: true
    default: false
    }
  }
}
