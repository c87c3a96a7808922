import Crypto
import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport
import Testing

struct WindowTests {
  @Test func windowNetsToZeroAndItsHashCanBeComputedAgain() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let c = try await exchange.member("C")
    let window = try await exchange.owing(a, b, c)
    let positions = try await exchange.positions(window)
    let nets = Dictionary(uniqueKeysWithValues: positions.map { ($0.accountID, $0.net) })
    #expect(nets == [a.accountID: -300_000, b.accountID: 200_000, c.accountID: 100_000])
    #expect(window.payInTotal == 300_000 && window.payOutTotal == 300_000)
    #expect(positions.compactMap { $0.leg?.endToEndID.count } == [35, 35, 35])
    let lines =
      [
        "ndx-clearing-window-v1", window.id.description, "VND LIVE NET",
        "\(window.firstTransfer) \(window.lastTransfer)",
      ]
      + positions.sorted { $0.accountID.description < $1.accountID.description }
      .map { "\($0.accountID) \($0.debits) \($0.credits)" }
    var hasher = SHA256()
    hasher.update(lines.map { $0 + "\n" }.joined().utf8)
    #expect(window.snapshotSHA256 == hasher.finalize())
    let story = try await exchange.service.database.read {
      try OutboxStory.read("window/\(window.id)", $0)
    }
    #expect(story == ["window.opened", "window.closed"])
    await exchange.shutdown()
  }

  @Test func whatMembersDoNotTouchIsInTheGrossWindow() async throws {
    let exchange = try await TestClearing()
    let member = try await exchange.member("A", funded: 500)
    let caller = try exchange.authority.caller([.consumer])
    let plain = try await exchange.account(of: caller, funded: 700)
    try await exchange.move(200, from: plain, to: try await exchange.exchangeAccount(.fee))
    let gross = try await exchange.close(.gross)
    let net = try await exchange.close(.net)
    #expect(gross.state == .settled && net.state == .settled)
    #expect(try await exchange.positions(net).isEmpty)
    let positions = try await exchange.positions(gross)
    let nets = Dictionary(uniqueKeysWithValues: positions.map { ($0.accountID, $0.net) })
    #expect(nets[member.accountID] == 500 && nets[plain] == 500)
    #expect(nets.values.reduce(0, +) == 0)
    #expect(positions.allSatisfy { $0.leg == nil })
    await exchange.shutdown()
  }

  @Test func closingUnderLoadLeavesNothingBehind() async throws {
    let exchange = try await TestClearing()
    let members = [
      try await exchange.member("A", funded: 1_000_000_000),
      try await exchange.member("B", funded: 1_000_000_000),
      try await exchange.member("C", funded: 1_000_000_000),
    ]
    let closings = 50
    let windows = try await withThrowingTaskGroup(of: SettlementV1.Window?.self) { group in
      for task in 0..<8 {
        group.addTask {
          var random = SplitMix64(seed: UInt64(task))
          for _ in 0..<60 {
            let from = Int.random(in: 0..<3, using: &random)
            let to = (from + Int.random(in: 1...2, using: &random)) % 3
            try await exchange.move(
              Int64.random(in: 1...9_999, using: &random), from: members[from].accountID,
              to: members[to].accountID)
          }
          return nil
        }
      }
      group.addTask {
        for _ in 0..<(closings - 1) { _ = try await exchange.close() }
        return nil
      }
      for try await _ in group {}
      _ = try await exchange.close()
      return try await exchange.clearing.listWindows(
        .init(pageSize: 500, environment: .live, model: .net)
      ).windows
    }
    let closed = windows.filter { $0.state != .open }
    #expect(closed.count == closings)
    for (window, next) in zip(windows, windows.dropFirst()) {
      #expect(next.firstTransfer == window.lastTransfer + 1)
    }
    var debits: Int64 = 0
    for window in closed {
      let positions = try await exchange.positions(window)
      #expect(positions.reduce(0) { $0 + $1.net } == 0)
      debits += positions.reduce(0) { $0 + $1.debits }
    }
    let (moved, count) = try await exchange.service.database.read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT SUM(amount) AS moved, COUNT(*) AS count FROM transfer t
            JOIN account d ON d.number = t.debit
          WHERE t.kind = 1 AND d.kind = 1 AND t.window_id IS NULL
          """)
      return (row?["moved"] as Int64? ?? 0, row?["count"] as Int? ?? 0)
    }
    #expect(count == 480)
    #expect(debits == moved)
    #expect(try await exchange.findings().isEmpty)
    await exchange.shutdown()
  }

  @Test func environmentsNeverMeetInAWindow() async throws {
    let exchange = try await TestClearing()
    let live = try await exchange.member("A")
    let other = try await exchange.member("B")
    let sandbox = try await exchange.member("S", environment: .sandbox)
    let peer = try await exchange.member("T", environment: .sandbox)
    try await exchange.move(7, from: live.accountID, to: other.accountID)
    try await exchange.move(9, from: sandbox.accountID, to: peer.accountID)
    let window = try await exchange.close()
    let pilot = try await exchange.close(.net, .sandbox)
    #expect(window.payInTotal == 7 && pilot.payInTotal == 9)
    let liveIDs = try await exchange.positions(window).compactMap(\.leg?.endToEndID)
    let pilotIDs = try await exchange.positions(pilot).compactMap(\.leg?.endToEndID)
    #expect(liveIDs.allSatisfy { $0.hasPrefix("NDXL") } && liveIDs.count == 2)
    #expect(pilotIDs.allSatisfy { $0.hasPrefix("NDXS") } && pilotIDs.count == 2)
    for environment in [1, 2] {
      await #expect(throws: (any Error).self) {
        try await exchange.service.database.write { db in
          try db.execute(
            sql: """
              INSERT INTO clearing_position (window, account, currency, environment, debits, credits)
              SELECT w.number, a.number, 'VND', ?, 0, 0 FROM clearing_window w, account a
              WHERE w.id = ? AND a.id = ?
              """, arguments: [environment, window.id, sandbox.accountID])
        }
      }
    }
    let channel = try exchange.service.channel(as: live.caller)
    let member = ClearingServiceClient(channel)
    await expectRefusal("WINDOW_NOT_FOUND", .notFound) {
      try await member.getWindow(.init(windowID: pilot.id))
    }
    let listed = try await member.listWindows(.init()).windows
    #expect(listed.allSatisfy { $0.environment == .live && $0.payInTotal == 0 })
    let own = try await member.getPositions(.init(windowID: window.id)).positions
    #expect(own.map(\.accountID) == [live.accountID])
    await channel.close()
    await exchange.shutdown()
  }

  @Test func onlyClearingPutsAWindowOnATransfer() async throws {
    let exchange = try await TestClearing()
    let a = try await exchange.member("A")
    let b = try await exchange.member("B")
    let window = try await exchange.owing(a, b, try await exchange.member("C"))
    await expectRefusal("WINDOW_RESERVED", .permissionDenied) {
      try await exchange.ledger.submitTransfers(
        .init(transfers: [
          SettlementV1.Transfer(
            id: .make(at: exchange.time.now), kind: .post, debitAccountID: a.accountID,
            creditAccountID: b.accountID, amount: 1, currencyCode: "VND", windowID: window.id)
        ]))
    }
    await exchange.shutdown()
  }

  @Test func closingTwiceWithOneRequestClosesOnce() async throws {
    let exchange = try await TestClearing()
    let request = SettlementV1.CloseWindowRequest(
      requestID: exchange.requestID(), currencyCode: "VND", environment: .live, model: .net)
    let first = try await exchange.clearing.closeWindow(request)
    let second = try await exchange.clearing.closeWindow(request)
    #expect(second.replayed && second.window == first.window)
    await expectRefusal("WINDOW_NOT_OPEN") {
      try await exchange.clearing.closeWindow(
        .init(
          requestID: exchange.requestID(), currencyCode: "VND", environment: .live, model: .net,
          windowID: first.window.id))
    }
    await exchange.shutdown()
  }
}
