import Model
import RPC
import Synchronization

/// Calls with a known cost, offered at a rate, and what became of them.
final class LoadTest: Sendable {
  struct Tally: Sendable {
    var served = 0
    var refused = 0
    /// Neither served nor refused as overload is to be refused.
    var failed = 0
    var refusalTimes: [Duration] = []

    func refusalTime(percentile: Int) -> Duration {
      let sorted = refusalTimes.sorted()
      return sorted.isEmpty ? .zero : sorted[sorted.count * percentile / 100]
    }
  }

  static let service = "ndx.test.v1.WorkService"
  static let work = MethodDescriptor(service: service, name: "Work", kind: .unary)

  /// A handler that takes as long as this, of which so many run at a time as the server's limit says.
  static func method(lasting duration: Duration) -> RegisteredMethod {
    .unary(work) { (request: Echo, _) in
      try await Task.sleep(for: duration)
      return request
    }
  }

  let channel: RPCChannel
  private let tally = Mutex(Tally())

  init(_ channel: RPCChannel) { self.channel = channel }

  var results: Tally { tally.withLock { $0 } }

  /// As many callers as there are, each calling again as soon as it is answered.
  func call(by callers: Int, for time: Duration) async {
    let end = ContinuousClock.now.advanced(by: time)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<callers {
        group.addTask { while ContinuousClock.now < end { await self.call() } }
      }
    }
  }

  /// Calls at a rate, whatever the answers.
  func offer(_ perSecond: Int, for time: Duration) async {
    let (start, tick) = (ContinuousClock.now, Duration.milliseconds(5))
    await withDiscardingTaskGroup { group in
      var begun = 0
      while start.duration(to: .now) < time {
        let elapsed = start.duration(to: .now)
        let due = Int(Double(perSecond) * (elapsed / .seconds(1)))
        for _ in begun..<max(begun, due) { group.addTask { await self.call() } }
        begun = max(begun, due)
        try? await Task.sleep(for: tick)
      }
    }
  }

  private func call() async {
    let start = ContinuousClock.now
    let status = await channel.failure(Self.work)
    let time = start.duration(to: .now)
    tally.withLock { tally in
      if let status {
        let isOverload =
          status.code == .resourceExhausted && status.details?.reason == "OVERLOADED"
          && status.details?.retryAfterMilliseconds != nil
        if isOverload {
          tally.refused += 1
          tally.refusalTimes.append(time)
        } else {
          tally.failed += 1
        }
      } else {
        tally.served += 1
      }
    }
  }
}
