import Foundation
import Model
import RPC
import Testing

/// Attacks with many cheap frames: each ends its own connection soon, and nothing else.
@Suite(.serialized) struct FloodTests {
  private static let maximumFrames = 2000
  private static let maximumGrownBytes = 32 << 20

  struct Outcome: Sendable {
    let end: Attacker.End?
    let frames: Int
  }

  @Test(arguments: Flood.all) func aFloodEndsItsConnectionAndNothingElse(flood: Flood) async throws
  {
    try await withEcho { server, channel in
      let credentials = try server.authority.credentials(TestAuthority.clientID)
      let port = server.port
      // A busy machine may delay any answer; the attack itself is judged each time.
      for attempt in 1...3 {
        let probe = HealthProbe(channel)
        let (outcomes, findings) = try await probe.during {
          try await onThread {
            try (0..<(isLongRun ? 3 : 1)).map { _ in try Self.run(flood, port, credentials) }
          }
        }
        report(flood, outcomes, findings)
        for outcome in outcomes {
          #expect(outcome.end != nil, "sent \(outcome.frames) frames and is still connected")
          #expect(outcome.frames <= Self.maximumFrames)
        }
        #expect(findings.failures == 0)
        let isCalm = findings.p99 < .milliseconds(250)
        let isSmall = findings.grownBytes < Self.maximumGrownBytes
        if attempt == 3 || (isCalm && isSmall) {
          #expect(isCalm && isSmall, "p99 \(findings.p99), grown by \(findings.grownBytes) bytes")
          break
        }
      }
      let answer = try await channel.echo(EchoMethods.echo, Echo(typeURL: "unharmed"))
      #expect(answer.typeURL == "unharmed")
    }
  }

  /// Sends rounds of the flood until the connection ends or two thousand frames are out, and then waits for the end.
  private static func run(_ flood: Flood, _ port: Int, _ credentials: TLSCredentials) throws
    -> Outcome
  {
    let attacker = try Attacker(port: port, credentials, settings: flood.settings)
    flood.opening(attacker)
    var round: UInt32 = 0
    var looked = 0
    while true {
      flood.round(attacker, round)
      round += 1
      let isDone = attacker.framesSent > maximumFrames - 10
      guard attacker.framesSent - looked >= 50 || isDone else { continue }
      looked = attacker.framesSent
      attacker.flush()
      if let end = attacker.end(within: isDone ? 5000 : 2) {
        return Outcome(end: end, frames: looked)
      }
      if isDone { return Outcome(end: nil, frames: looked) }
    }
  }

  private func report(_ flood: Flood, _ outcomes: [Outcome], _ findings: HealthProbe.Findings) {
    guard isLongRun else { return }
    let frames = outcomes.map(\.frames).max() ?? 0
    let ends = Set(outcomes.map { $0.end.map { "\($0)" } ?? "open" }).sorted()
    print(
      "| \(flood) | \(frames) | \(ends.joined(separator: ", ")) |"
        + " \(findings.p99.formatted(.units(allowed: [.milliseconds], fractionalPart: .show(length: 1))))"
        + " | \(findings.grownBytes >> 10) KiB |")
  }
}
