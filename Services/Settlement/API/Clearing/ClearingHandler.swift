import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs

/// Windows and their settlement. One file for each RPC.
struct ClearingHandler: ClearingServiceHandler {
  let transactor: Transactor
  let ledger: Ledger
  let settings: ClearingSettings
  /// Nil when no payout waits for witnesses.
  let witness: PayoutWitness?

  /// Opens the windows of đồng in both environments, or of what the partition owns, unless they are there.
  func open() async throws {
    let context = CallContext.own(service: SettlementService.name, work: "Clearing")
    try await transactor.write(context) { [ledger] transaction in
      for (currency, environment) in ledger.partitions.kinds {
        for model in SettlementModel.allCases {
          let key = WindowKey(currency: currency, environment: environment, model: model)
          _ = try Clearing.openWindow(key, transaction)
        }
      }
    }
  }

  /// Whose positions a caller may see: nil for everybody's.
  static func owner(_ context: CallContext) throws -> ParticipantID? {
    switch try context.viewer() {
    case .exchange: nil
    case .participant(let id): id
    }
  }

  /// The environment that a caller is confined to; nil for staff and services.
  static func confinement(_ context: CallContext) throws -> TypeV1.Environment? {
    guard case .participant = try context.viewer() else { return nil }
    return try context.participant().environment
  }

  /// A window as the caller may see it.
  /// - Throws: `ClearingRule.windowNotFound`, also for one of the other environment.
  func visible(_ id: WindowID, _ context: CallContext) async throws -> (ClearingWindow, LegSummary)
  {
    let found = try await transactor.database.read { db in
      (try WindowTable(db).find(id)?.window, LegSummary(try LegTable(db).all(of: id)))
    }
    let confinement = try Self.confinement(context)
    guard var window = found.0, confinement == nil || confinement == window.key.environment else {
      throw ledger.partitions.unknown(.clearing(.windowNotFound))
    }
    _ = window.passDeadline(found.1, at: transactor.clock.now())
    return (window, found.1)
  }
}

/// What an operator may set of clearing.
struct ClearingSettings: Sendable {
  let payInSeconds: Int64
  /// The exchange's own account, from which it pays and to which it is paid.
  let bank: BankAccount
}
