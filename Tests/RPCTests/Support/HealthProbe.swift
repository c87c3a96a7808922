import Foundation
import Model
import RPC
import Synchronization

/// Asks for a server's health again and again, and watches this process's memory, while something else goes on.
final class HealthProbe: Sendable {
  struct Findings: Sendable {
    let calls: Int
    let failures: Int
    let p99: Duration
    let grownBytes: Int
  }

  private static let check = MethodDescriptor(
    service: "grpc.health.v1.Health", name: "Check", kind: .unary)

  private struct State {
    var latencies: [Duration] = []
    var failures = 0
    var peakBytes = 0
    var isStopping = false
  }

  private let channel: RPCChannel
  private let state = Mutex(State())

  init(_ channel: RPCChannel) { self.channel = channel }

  /// Runs `body` with the probe beside it; asks thirty times at least, or a hundred. Growth counts from after a first call.
  func during<Result: Sendable>(
    _ body: () async throws -> Result
  ) async throws -> (Result, Findings) {
    await ask()
    let before = residentBytes()
    state.withLock { $0 = State() }
    let task = Task {
      while state.withLock({
        !$0.isStopping || $0.latencies.count + $0.failures < (isLongRun ? 100 : 30)
      }) {
        await ask()
        try? await Task.sleep(for: .milliseconds(1))
      }
    }
    let result = await Swift.Result { try await body() }
    state.withLock { $0.isStopping = true }
    await task.value
    let findings = state.withLock { state in
      let sorted = state.latencies.sorted()
      return Findings(
        calls: sorted.count, failures: state.failures,
        p99: sorted.isEmpty ? .seconds(60) : sorted[sorted.count * 99 / 100],
        grownBytes: state.peakBytes - before)
    }
    return (try result.get(), findings)
  }

  private func ask() async {
    let start = ContinuousClock.now
    let answer: HealthV1.HealthCheckResponse? = try? await channel.unary(
      Self.check, HealthV1.HealthCheckRequest())
    let duration = start.duration(to: .now)
    let bytes = residentBytes()
    state.withLock { state in
      if answer?.status == .serving {
        state.latencies.append(duration)
      } else {
        state.failures += 1
      }
      state.peakBytes = max(state.peakBytes, bytes)
    }
  }
}

extension Result where Failure == any Error {
  init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// Resident memory of this process, which is client and server in one.
func residentBytes() -> Int {
  guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
    let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
  else { return 0 }
  return pages * sysconf(Int32(_SC_PAGESIZE))
}

/// Whether tests that take minutes run at full length: `NDX_LONG=1`.
let isLongRun = ProcessInfo.processInfo.environment["NDX_LONG"] == "1"
