import Foundation
import Model
import TestSupport
import Testing

/// The log against a reference written for clarity, with a failing disk, wrong clocks and old copies put in its place. `NDX_SEED` repeats a run; `NDX_LONG=1` runs 200,000 operations.
@Suite(.serialized, .timeLimit(.minutes(60))) struct LogSimulatorTests {
  private static let isLong = ProcessInfo.processInfo.environment["NDX_LONG"] == "1"

  @Test func randomOperationsAndCrashesLeaveWhatTheReferenceHas() async throws {
    let seed = RandomMoments.seed
    let (runs, operations) = Self.isLong ? (100, 2_000) : (2, 1_000)
    var random = SplitMix64(seed: seed)
    var (faults, crashes) = (0, 0)
    for run in 0..<runs {
      let simulation = try await LogSimulation(seed: run == 0 ? seed : random.next())
      try await simulation.run(operations)
      #expect(simulation.refusals > 0 && simulation.restores > 0)
      faults += simulation.faults
      crashes += simulation.crashes
    }
    #expect(crashes > 0 && faults > crashes)
  }
}
