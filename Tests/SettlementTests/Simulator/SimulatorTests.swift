import Foundation
import Model
import TestSupport
import Testing

/// The ledger against a reference written for clarity. `NDX_SEED` repeats a run; `NDX_LONG=1` runs a million operations.
@Suite(.serialized) struct SimulatorTests {
  private static let isLong = ProcessInfo.processInfo.environment["NDX_LONG"] == "1"

  @Test func randomOperationsAndCrashesLeaveWhatTheReferenceHas() async throws {
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    // Short runs with worlds of their own meet more than a long one in a world full of closed accounts.
    let (runs, operations) = Self.isLong ? (50, 20_000) : (2, 5_000)
    var random = SplitMix64(seed: seed)
    for run in 0..<runs {
      let simulation = try Simulation(seed: run == 0 ? seed : random.next())
      try await simulation.run(operations)
      #expect(simulation.operations >= operations)
      #expect(simulation.crashes > 0 && simulation.faults > simulation.crashes)
    }
  }

  @Test func randomTradesAndWindowsLeaveWhatTheReferenceHas() async throws {
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    let (runs, operations) = Self.isLong ? (20, 2_500) : (3, 1_000)
    var met = (periods: 0, metered: 0, refunds: 0)
    var read = (matched: 0, unmatched: 0)
    var random = SplitMix64(seed: seed)
    for run in 0..<runs {
      let simulation = try await TradeSimulation(seed: run == 0 ? seed : random.next())
      try await simulation.run(operations)
      #expect(simulation.crashes > 0 && simulation.faults > simulation.crashes)
      #expect(simulation.refusals > 0 && simulation.refusals < simulation.operations)
      met = (
        met.periods + simulation.met.periods, met.metered + simulation.met.metered,
        met.refunds + simulation.met.refunds
      )
      read = (
        read.matched + simulation.read.matched, read.unmatched + simulation.read.unmatched
      )
    }
    print("periods charged: \(met.periods), metered: \(met.metered), refunds: \(met.refunds)")
    print("bank lines matched: \(read.matched), unmatched: \(read.unmatched)")
    #expect(read.matched > 0 && read.unmatched > 0)
    // A short run may miss one of them.
    #expect(!Self.isLong || met.periods > 0 && met.metered > 0 && met.refunds > 0)
  }

  @Test func moneyBetweenPartitionsIsConservedWhateverIsLostRepeatedOrKilled() async throws {
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    let (runs, operations) = Self.isLong ? (20, 2_500) : (1, 700)
    var random = SplitMix64(seed: seed)
    for run in 0..<runs {
      let simulation = try await CrossingSimulation(seed: run == 0 ? seed : random.next())
      try await simulation.run(operations)
      #expect(simulation.crashes > 0 && simulation.faults > simulation.crashes)
      #expect(simulation.ended.confirmed > 0 && simulation.ended.returned > 0)
    }
  }

  @Test func crossingEndsOnceWhereverBothSidesDie() async throws {
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    let step = Self.isLong ? 1 : 25
    var deaths = 0
    for count in stride(from: Int(seed % UInt64(step)), to: 1_000, by: step) {
      guard try await CrossingSimulation(seed: seed).runDying(after: count) else { break }
      deaths += 1
    }
    #expect(deaths * step > 50 && deaths * step < 1_000)
  }

  @Test func dyingAtAnyWriteOrFsyncLosesNothingThatWasAcknowledged() async throws {
    let given = ProcessInfo.processInfo.environment["NDX_SEED"].flatMap(UInt64.init)
    let seed = given ?? .random(in: .min ... .max)
    print("NDX_SEED=\(seed)")
    // Every one in the long mode; in the short one, every few, others in each run.
    let step = Self.isLong ? 1 : 9
    var deaths = 0
    for count in stride(from: Int(seed % UInt64(step)), to: 5_000, by: step) {
      guard try await Simulation(seed: seed).runDying(after: count) else { break }
      deaths += 1
    }
    #expect(deaths * step > 50 && deaths * step < 5_000)
  }
}
