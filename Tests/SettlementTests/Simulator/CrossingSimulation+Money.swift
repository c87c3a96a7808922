import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport

@testable import SettlementAPI

/// Money beside the crossings, and the clocks.
extension CrossingSimulation {
  // MARK: Beside them

  /// A deposit, or money from one account of a side to another.
  func moveMoney() async throws {
    let side = side()
    let wallets = reference.wallets[side].flatMap(\.self)
    let outside = reference.sides[side].own.outside
    let from = chance(60) ? outside : wallets.randomElement(using: &random)
    guard let from, let to = wallets.randomElement(using: &random), from != to else { return }
    let amount = Int64(number(1...8_000))
    let id = TransferID(high: 3, low: nextTransfer)
    nextTransfer += 1
    _ = try await ask("\(amount) from \(from) to \(to)") { reference, _ in
      reference.sides[side].carry([.init(debit: from, credit: to, amount: amount)])
    } _: { [world] in
      let result = try await world.instances[side].ledger.submitTransfers(
        .init(transfers: [
          SettlementV1.Transfer(
            id: id, kind: .post, debitAccountID: from, creditAccountID: to, amount: amount,
            currencyCode: "VND")
        ]), .test(caller: .service(name: "settlement"))
      ).results[0]
      guard result.outcome == .ok || result.outcome == .exists else {
        let name = result.outcome.protoName ?? ""
        throw Refusal(reason: String(name.dropFirst("TRANSFER_OUTCOME_".count)))
      }
      return true
    }
  }

  /// The second account of each stays open, so that nobody is ever without one.
  func freeze() async throws {
    let side = side()
    guard let wallets = reference.wallets[side].randomElement(using: &random) else { return }
    try await freeze(wallets[0], on: side, chance(40))
  }

  func freeze(_ id: AccountID, on side: Int, _ isFreezing: Bool) async throws {
    let request = RequestID.make(at: world.times[side].now)
    _ = try await ask(isFreezing ? "freezing \(id)" : "unfreezing \(id)") { reference, _ in
      guard reference.sides[side].accounts[id]?.isFrozen != isFreezing else {
        return "ACCOUNT_STATE_CONFLICT"
      }
      reference.sides[side].accounts[id]?.isFrozen = isFreezing
      return nil
    } _: { [world] in
      let ledger = world.instances[side].ledger
      return isFreezing
        ? try await ledger.freezeAccount(
          .init(requestID: request, accountID: id, reason: "simulated"), world.officer
        ).account.state
        : try await ledger.unfreezeAccount(
          .init(requestID: request, accountID: id, reason: "simulated"), world.officer
        ).account.state
    }
  }

  /// One clock goes on or back; nothing of a crossing depends on it.
  func jump() {
    let time = world.times[side()]
    time.set(time.now.adding(seconds: Int64(number(-60...(chance(20) ? 86_400 : 120)))))
  }
}
