import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs
import TransparencyLog

/// Asks the audit log for what shows that witnesses have seen the payment of an order or the end of a window, and believes nothing that it
/// cannot check: the log's signature, the way from the entry to the root, and the cosignatures that the policy wants.
struct PayoutWitness: Sendable {
  static let settings = [
    Setting(
      "witnessed-payouts",
      help: """
        Above which sums money goes out only once the payment of its order, or the end of its clearing window, is in \
        a log that witnesses have cosigned: CURRENCY=AMOUNT,… in minor units, such as VND=1000000000,USD=5000000. None, when absent.
        """),
    Setting(
      "witness-policy",
      help: """
        File with the log's key, the witnesses and their quorum (c2sp.org/tlog-policy), for \
        witnessed-payouts.
        """),
  ]

  let limits: PayoutLimits
  private let policy: WitnessPolicy
  private let logKey: VerifierKey
  private let log: LogServiceClient
  private let database: ServiceDatabase
  private let logger: Logger

  /// Nil when no payout waits for witnesses.
  /// - Throws: `StartupError` for malformed limits, or limits without a policy that names one log.
  init?(_ context: ServiceContext) throws {
    let configuration = context.configuration
    guard let text = configuration.string("witnessed-payouts") else { return nil }
    guard let limits = PayoutLimits(text) else {
      throw StartupError(
        .configuration, "witnessed-payouts must be CURRENCY=AMOUNT,…, not \(text)")
    }
    let found: WitnessPolicy?
    do {
      found = try configuration.file("witness-policy", limit: LogLimits.policyBytes)
        .map { try WitnessPolicy($0) }
    } catch let error as LogFormatError {
      throw StartupError(.configuration, "witness-policy: \(error)")
    }
    guard let policy = found, policy.logs.count == 1, let key = policy.logs.first?.key else {
      throw StartupError(
        .configuration, "witnessed-payouts needs a witness-policy that names the one log")
    }
    self.limits = limits
    self.policy = policy
    logKey = key
    log = LogServiceClient(context.channel(to: "audit"))
    database = context.database
    logger = context.logger
  }

  /// What shows that an order may pay out; nil when it needs nothing, or there is no such order.
  /// - Throws: `SettlementError.payoutNotWitnessed`, `.dependency`.
  func payment(of id: OrderID, _ context: CallContext) async throws -> WitnessedPayment? {
    let order = try await database.read { try OrderTable($0).find(id) }
    guard let order, limits.apply(to: order) else { return nil }
    return WitnessedPayment(orderID: id, logSize: try await logSize(with: .order(id), context))
  }

  /// What shows that the exchange may pay what it owes by a clearing window; nil when it needs nothing, or there is no
  /// such window.
  /// - Parameter member: whom it is to pay; nil for all.
  /// - Throws: `SettlementError.payoutNotWitnessed`, `.dependency`.
  func closing(
    of id: WindowID, to member: ParticipantID? = nil, _ context: CallContext
  ) async throws -> WitnessedClosing? {
    let (window, legs) = try await database.read { db in
      (try WindowTable(db).find(id)?.window, try LegTable(db).all(of: id))
    }
    let meant = legs.filter { member == nil || $0.memberID == member }
    guard let window, limits.apply(to: meant, of: window) else { return nil }
    return WitnessedClosing(windowID: id, logSize: try await logSize(with: .window(id), context))
  }

  /// The size of the log that the witnesses have seen with the event in it.
  private func logSize(with source: PayoutSource, _ context: CallContext) async throws -> Int {
    let found = try await database.read { try PaymentEvents($0).find(source) }
    guard let event = found else { throw SettlementError.payoutNotWitnessed(source) }
    let answer: AuditV1.GetReceiptResponse
    do {
      answer = try await log.getReceipt(
        AuditV1.GetReceiptRequest(target: .eventID(event.eventID)), CallOptions(parent: context))
    } catch let status as RPCStatus {
      throw refused(status, source)
    }
    do {
      return try check(answer, event)
    } catch let error as LogFormatError {
      logger.warning(
        "a payout waits for witnesses",
        metadata: ["of": "\(source.subject)", "cause": "\(error)"])
      throw SettlementError.payoutNotWitnessed(source)
    }
  }

  /// Checks all that a receipt says, and returns the size of the log that was witnessed.
  private func check(_ answer: AuditV1.GetReceiptResponse, _ event: PaymentEvents.Logged) throws
    -> Int
  {
    let receipt = try Receipt(proof: answer.proof.utf8, entry: answer.entry).verify(with: logKey)
    guard receipt.leafHash == event.leafHash, Int64(receipt.index) == event.logIndex else {
      throw LogFormatError.malformed("receipt: it is of another entry")
    }
    try policy.verify(receipt.note)
    return receipt.checkpoint.size
  }

  /// The event may not have reached the log, nor a checkpoint.
  private func refused(_ status: RPCStatus, _ source: PayoutSource) -> any Error {
    switch status.code {
    case .cancelled, .deadlineExceeded: return status
    case .notFound: return SettlementError.payoutNotWitnessed(source)
    default:
      logger.warning(
        "a payout waits for the audit log",
        metadata: ["of": "\(source.subject)", "status": "\(status)"])
      return SettlementError.dependency("audit")
    }
  }
}
