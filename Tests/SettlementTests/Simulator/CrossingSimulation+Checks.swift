import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport

@testable import SettlementAPI

/// What must hold at any time, and in the end.
extension CrossingSimulation {
  func compareBalances() async throws {
    var transit: Int128 = 0
    for (side, instance) in world.instances.enumerated() {
      let known = reference.sides[side].accounts
      let found = try await instance.ledger.lookupAccounts(
        .init(accountIDs: Array(known.keys)), world.officer
      ).accounts
      try require(found.count == known.count, "an account of \(side) is missing")
      var sum: Int128 = 0
      for account in found {
        guard let expected = known[account.id] else { continue }
        let counters = ReferenceMoney.Account(
          debits: Int128(account.debitsPosted), heldDebits: Int128(account.debitsPending),
          credits: Int128(account.creditsPosted), heldCredits: Int128(account.creditsPending),
          isFrozen: account.state == .frozen, cap: expected.cap)
        try require(
          counters == expected, "\(account.id) of \(side) has \(counters) instead of \(expected)")
        if let cap = expected.cap {
          try require(counters.left >= -cap, "\(account.id) is overdrawn")
        }
        sum += counters.credits - counters.debits
        if account.id == reference.transit[side] { transit += counters.credits - counters.debits }
      }
      try require(sum == 0, "the money of \(side) sums to \(sum)")
    }
    try require(
      transit == -reference.underWay,
      "\(transit) is in transit while \(reference.underWay) was credited and has not left")
  }

  func compareCrossings() async throws {
    for (side, instance) in world.instances.enumerated() {
      var found: [SettlementV1.Crossing] = []
      var token = ""
      repeat {
        let page = try await instance.crossings.listCrossings(
          .init(pageSize: 500, pageToken: token), world.officer)
        found += page.crossings
        token = page.nextPageToken
      } while !token.isEmpty
      let ids = reference.begun.filter { reference.crossings[$0]?.origin == side }
      try require(found.map(\.id) == ids, "\(side) does not list what began there")
      for crossing in found {
        guard let known = reference.crossings[crossing.id] else { continue }
        var reason = ""
        if known.state == .returned, case .refused(let why) = known.decision { reason = why }
        try require(
          crossing.state == known.state && crossing.refusalReason == reason
            && crossing.amount.minorUnits == known.amount && crossing.debitAccountID == known.debit,
          "\(crossing) instead of \(known)")
      }
    }
  }

  /// Lets everything arrive: then each crossing has ended once, on both sides, and nothing is in transit.
  func finish() async throws {
    for (side, wallets) in reference.wallets.enumerated() {
      for id in wallets.map({ $0[0] }) where reference.sides[side].accounts[id]?.isFrozen == true {
        try await freeze(id, on: side, false)
      }
    }
    // Each round takes 256 of them.
    for origin in 0...1 {
      for _ in 0...operations / 256 { try await advance(origin) }
      try require(reference.open(from: origin).isEmpty, "something from \(origin) never ends")
    }
    try await compareBalances()
    try await compareCrossings()
    try require(reference.underWay == 0, "money is in transit")
    try await compareStories()
    for instance in world.instances {
      let (findings, isGapless) = try await instance.database.read { db in
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
  }

  /// Every change of a crossing is one event on its side, and no step was taken twice.
  func compareStories() async throws {
    for (side, instance) in world.instances.enumerated() {
      let stories = try await instance.database.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT value AS subject, group_concat(kind) AS kinds
            FROM (SELECT value, kind FROM outbox, json_each(subjects)
              WHERE value GLOB 'crossing/*' ORDER BY sequence)
            GROUP BY value
            """
        ).reduce(into: [:]) { $0[$1["subject"] as String] = $1["kinds"] as String }
      }
      let credited = try await instance.database.read { db in
        try Row.fetchAll(
          db, sql: "SELECT id, count(*) AS times FROM transfer WHERE kind = 1 GROUP BY id"
        ).reduce(into: [:]) {
          $0[try $1.decode(TransferID.self, forColumn: "id")] = $1["times"] as Int
        }
      }
      for (id, crossing) in reference.crossings {
        let isCredited = crossing.decision == .credited
        let expected =
          crossing.origin == side
          ? "crossing.started,"
            + (isCredited ? "crossing.credited,crossing.confirmed" : "crossing.returned")
          : isCredited ? "crossing.received,crossing.covered" : "crossing.refused"
        try require(
          stories["crossing/\(id)"] == expected,
          "\(id) has the story \(stories["crossing/\(id)"] ?? "none") instead of \(expected)")
        guard crossing.origin != side else { continue }
        try require(
          credited[id, default: 0] == (isCredited ? 1 : 0),
          "\(id) was credited \(credited[id, default: 0]) times")
      }
    }
  }

  // MARK: Every commit point

  /// Plays a short story, the same for the same seed: money that arrives, money that is refused. Both sides die at the
  /// write or fsync that comes after `count` others; then everything must end as if nothing had happened.
  /// - Returns: whether the story was long enough to die.
  func runDying(after count: Int) async throws -> Bool {
    let origin = Int(seed % 2)
    let wallets = reference.wallets
    let (debit, missing) = (wallets[origin][0][0], wallets[1 - origin][1][0])
    _ = reference.sides[origin].carry([
      .init(debit: reference.sides[origin].own.outside, credit: debit, amount: 1_000)
    ])
    try await world.deposit(1_000, into: debit, on: origin, reference)
    let requests = [nil, missing].map { credit in
      SettlementV1.StartCrossingRequest(
        requestID: .make(at: world.times[origin].now), debitAccountID: debit,
        receiverID: world.participant(0, of: 1 - origin), creditAccountID: credit, amount: 300)
    }
    FaultyFiles.arm(.deathWithin, after: count)
    var acknowledged: [TransferID] = []
    do {
      for request in requests {
        acknowledged.append(
          try await world.instances[origin].crossings.startCrossing(request, world.officer)
            .crossing.id)
      }
      _ = try await world.relay(origin).advance()
    } catch is RuntimeError {}
    var hasDied = false
    try await world.reopen([0, 1]) { hasDied = FaultyFiles.disarm() }
    for (index, request) in requests.enumerated() {
      let started = try await world.instances[origin].crossings.startCrossing(
        request, world.officer
      ).crossing
      try require(
        index >= acknowledged.count || acknowledged[index] == started.id,
        "an acknowledged crossing is lost")
      _ = reference.start(from: debit, on: origin, amount: 300)
      reference.note(
        .init(
          id: started.id, origin: origin, debit: debit, receiver: 0,
          credit: request.creditAccountID, amount: 300))
    }
    try await finish()
    try require(ended == (1, 1), "one arrives and one is refused, not \(ended)")
    await world.close()
    return hasDied
  }
}
