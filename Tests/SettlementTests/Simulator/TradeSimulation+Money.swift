import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import TestSupport

@testable import SettlementAPI

/// Windows, and money beside the orders.
extension TradeSimulation {
  func stepWindow() async throws {
    let recent = reference.windows.values.filter { $0.model == .net && $0.state != .settled }
      .sorted { $0.first < $1.first }.suffix(4)
    guard !chance(14), let window = recent.randomElement(using: &random) else {
      return try await close(chance(75) ? .net : .gross)
    }
    let (id, request, now, officer) = (window.id, request(), time.now, world.officer)
    let answer: SettlementV1.Window?
    switch number(0...9) {
    case 0..<2:
      answer = try await ask("starting \(id)") {
        $0.start(id, at: now)
      } _: {
        try await $0.clearing.startSettlement(.init(requestID: request, windowID: id), officer)
          .window
      }
    case 2..<8:
      let member = number(0...world.consumerCount - 1)
      let participant = world.callers[member].participantID
      answer = try await ask("the payment of \(member) in \(id)") {
        $0.confirm(id, of: member, by: "FT", at: now)
      } _: {
        try await $0.clearing.confirmLeg(
          .init(
            requestID: request, windowID: id, participantID: participant, bankReference: "FT"),
          officer
        ).window
      }
    case 8:
      answer = try await ask("aborting \(id)") {
        $0.abort(id, at: now)
      } _: {
        try await $0.clearing.abortWindow(
          .init(requestID: request, windowID: id, reason: "simulated"), officer
        ).window
      }
    default:
      answer = try await ask("reopening \(id)") {
        $0.reopen(id, at: now)
      } _: {
        try await $0.clearing.reopenWindow(.init(requestID: request, windowID: id), officer).window
      }
    }
    guard let answer else { return }
    let state = reference.windows[id]?.state
    try require(
      answer.state == state, "\(id) is \(answer.state) instead of \(String(describing: state))")
  }

  func close(_ model: SettlementV1.SettlementModel) async throws {
    let (request, officer) = (request(), world.officer)
    let answer = try await ask("closing a window") { _ in
      nil
    } _: { exchange in
      var response = try await exchange.clearing.closeWindow(
        .init(requestID: request, currencyCode: "VND", environment: .live, model: model), officer)
      response.replayed = false
      return response
    }
    guard let answer else { return }
    let members = reference.wallets.prefix(world.consumerCount).map { $0[0] }
    reference.close(model, next: answer.nextWindow.id, members: members)
    let known = reference.windows[answer.window.id]
    try require(
      answer.window.state == known?.state,
      "\(answer.window.id) closed as \(answer.window.state) instead of \(String(describing: known?.state))"
    )
    try await nameLegs(of: answer.window.id)
    let nets = try await nets(of: answer.window.id)
    try require(
      nets == known?.nets, "\(answer.window.id) nets to \(nets) instead of \(known?.nets ?? [:])")
    try require(nets.values.reduce(0, +) == 0, "\(answer.window.id) does not sum to 0")
  }

  /// Notes what names each payment in the files; no two have the same.
  private func nameLegs(of window: WindowID) async throws {
    let positions = try await exchange.clearing.getPositions(
      .init(pageSize: 500, windowID: window), world.officer
    ).positions
    let used = Set(reference.windows.values.flatMap { $0.legs.map(\.reference) })
    for index in reference.windows[window]?.legs.indices ?? 0..<0 {
      let account = reference.windows[window]?.legs[index].account
      let name = positions.first { $0.accountID == account }?.leg?.endToEndID ?? ""
      try require(!name.isEmpty && !used.contains(name), "a payment of \(window) is \(name)")
      reference.windows[window]?.legs[index].reference = name
    }
  }

  func nets(of window: WindowID) async throws -> [AccountID: Int128] {
    try await exchange.clearing.getPositions(
      .init(pageSize: 500, windowID: window), world.officer
    ).positions.reduce(into: [:]) { $0[$1.accountID] = Int128($1.credits) - Int128($1.debits) }
  }

  /// A deposit, or money from one participant to another.
  func moveMoney() async throws {
    let wallets = reference.wallets.flatMap(\.self)
    let from = chance(50) ? reference.money.own.outside : wallets.randomElement(using: &random)
    guard let from, let to = wallets.randomElement(using: &random), from != to else { return }
    let amount = Int64(number(1...(from == reference.money.own.outside ? 150_000 : 15_000)))
    let id = TransferID(high: 3, low: nextTransfer)
    nextTransfer += 1
    _ = try await ask("\(amount) from \(from) to \(to)") {
      $0.money.carry([.init(debit: from, credit: to, amount: amount)])
    } _: { exchange in
      let result = try await exchange.ledger.submitTransfers(
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
      return SettlementV1.TransferResult(outcome: .ok)
    }
  }

  func freeze() async throws {
    let wallets = reference.wallets.prefix(world.consumerCount).flatMap(\.self)
    guard let id = wallets.randomElement(using: &random) else { return }
    let request = request()
    let context = CallContext.test(caller: .service(name: "settlement"))
    let isFreezing = chance(25)
    _ = try await ask(isFreezing ? "freezing \(id)" : "unfreezing \(id)") { reference in
      guard reference.money.accounts[id]?.isFrozen != isFreezing else {
        return "ACCOUNT_STATE_CONFLICT"
      }
      reference.money.accounts[id]?.isFrozen = isFreezing
      return nil
    } _: { exchange in
      isFreezing
        ? try await exchange.ledger.freezeAccount(
          .init(requestID: request, accountID: id, reason: "simulated"), context
        ).account
        : try await exchange.ledger.unfreezeAccount(
          .init(requestID: request, accountID: id, reason: "simulated"), context
        ).account
    }
  }

  // MARK: Comparing

  func compareBalances() async throws {
    let ids = Array(reference.money.accounts.keys)
    let found = try await exchange.ledger.lookupAccounts(
      .init(accountIDs: ids), .test(caller: .service(name: "settlement"))
    ).accounts
    try require(found.count == ids.count, "an account is missing")
    var sum: Int128 = 0
    for account in found {
      guard let known = reference.money.accounts[account.id] else { continue }
      let counters = ReferenceMoney.Account(
        debits: Int128(account.debitsPosted), heldDebits: Int128(account.debitsPending),
        credits: Int128(account.creditsPosted), heldCredits: Int128(account.creditsPending),
        isFrozen: account.state == .frozen, cap: known.cap)
      try require(counters == known, "\(account.id) has \(counters) instead of \(known)")
      if let cap = known.cap {
        try require(counters.left >= -cap, "\(account.id) is at \(counters.left), below -\(cap)")
      }
      sum += counters.credits - counters.debits
    }
    try require(sum == 0, "balances sum to \(sum)")
  }

  func compareEverything() async throws {
    for wallet in reference.wallets.flatMap(\.self)
    where reference.money.accounts[wallet]?.isFrozen == true {
      reference.money.accounts[wallet]?.isFrozen = false
      _ = try await exchange.ledger.unfreezeAccount(
        .init(requestID: request(), accountID: wallet, reason: "simulated"),
        .test(caller: .service(name: "settlement")))
    }
    for id in placed {
      guard let order = reference.orders[id] else { continue }
      let reason = reference.enforce(id, at: time.now)
      try require(reason == nil, "\(id) cannot be ended: \(reason ?? "")")
      let read = try await exchange.orders.getOrder(
        .init(orderID: id), world.context(of: order.consumer)
      ).order
      try compare(read, time.now)
    }
    try await close(.net)
    try await close(.gross)
    try await compareBalances()
    try await compareWindows()
    try await compareLines()
    let (findings, isGapless) = try await exchange.database.read { db in
      (
        try LedgerHandler.verify(db).findings.map(\.text),
        try Bool.fetchOne(
          db,
          sql: "SELECT coalesce(max(sequence) - min(sequence) + 1 = count(*), 1) FROM outbox")
      )
    }
    try require(findings.isEmpty, "VerifyLedger finds \(findings.prefix(5))")
    try require(isGapless == true, "the outbox has a gap")
  }

  /// All that ever moved is in exactly one window, but what settled the windows themselves.
  private func compareWindows() async throws {
    var sums: [AccountID: Int128] = [:]
    for id in reference.windows.keys {
      try await compareLegs(of: id)
      let nets = try await nets(of: id)
      try require(
        nets == reference.windows[id]?.nets, "the positions of \(id) are not what they were")
      sums.merge(nets, uniquingKeysWith: +)
    }
    for posting in reference.money.postings where posting.settlesWindow {
      sums[posting.debit, default: 0] -= Int128(posting.amount)
      sums[posting.credit, default: 0] += Int128(posting.amount)
    }
    for (id, account) in reference.money.accounts {
      try require(
        sums[id, default: 0] == account.credits - account.debits,
        "\(id) has \(account.credits - account.debits), its windows \(sums[id, default: 0])")
    }
  }
}
