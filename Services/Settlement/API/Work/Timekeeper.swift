import Logging
import Model
import ServiceLifecycle
import ServiceRuntime

/// Ends orders, renews subscriptions, and aborts windows, when their time has come, without waiting for somebody to ask.
struct Timekeeper: Service {
  /// Longest sleep: the clock may be set, and an order may come with an earlier deadline.
  private static let longestSleepSeconds = 5.0

  let deadlines: DeadlineKeeper
  let renewals: RenewalKeeper
  let clearing: ClearingHandler

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        var pause = Self.longestSleepSeconds
        do {
          let ends = [
            try await deadlines.enforceDue(), try await clearing.passDeadlines(),
            try await renewals.renewDue(),
          ]
          if let next = ends.compactMap(\.self).min() {
            let microseconds = next.microseconds - deadlines.transactor.clock.now().microseconds
            pause = min(max(Double(microseconds) / 1_000_000, 0.05), pause)
          }
        } catch is CancellationError {
          return
        } catch {
          deadlines.logger.error(
            "deadlines could not be looked at", metadata: ["cause": "\(error)"])
        }
        try? await Task.sleep(for: .seconds(pause))
      }
    }
  }
}
