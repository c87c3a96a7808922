import Foundation
import TestSupport
import Testing

@testable import AuditAPI

/// Every step of appending and signing, failing. `NDX_LONG=1` takes every step; otherwise every few, others in each run.
@Suite(.serialized, .timeLimit(.minutes(60))) struct DeathTests {
  private static let isLong = ProcessInfo.processInfo.environment["NDX_LONG"] == "1"
  private static let longest = 2_000

  @Test(arguments: FaultyFiles.Fault.allCases)
  func aFaultAtAnyStepLosesNothingAndBendsNothing(_ fault: FaultyFiles.Fault) async throws {
    let seed = RandomMoments.seed
    let template = try await DyingLog.template()
    let step = Self.isLong ? 1 : 15
    var faults = 0
    for count in stride(from: Int(seed % UInt64(step)), to: Self.longest, by: step) {
      var story = try await DyingLog(try copy(template), meeting: fault)
      do {
        guard try await story.run(after: count) else { break }
      } catch {
        throw Disagreement(description: "\(fault) after \(count) steps: \(error)")
      }
      faults += 1
    }
    #expect(faults * step > 20 && faults * step < Self.longest)
  }

  private func copy(_ template: TemporaryDirectory) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for name in ["audit.sqlite", "log.key"] {
      try FileManager.default.copyItem(atPath: template.file(name), toPath: directory.file(name))
    }
    return directory
  }
}
