import Glibc
import NIOCore
import Synchronization

/// What each address uses of a web server: its open connections and its requests, by a bucket of tokens that fills by
/// time. An IPv6 address counts as its network of 64 bits.
final class AddressLimits: Sendable {
  private struct Usage {
    var connections = 0
    var tokens: Double
    var filled: NIODeadline
  }
  private struct State {
    var usages: [String: Usage] = [:]
    var connections = 0
  }
  private let configuration: WebServerConfiguration
  private let state = Mutex(State())

  init(_ configuration: WebServerConfiguration) { self.configuration = configuration }

  private var burst: Double { Double(configuration.requestsPerSecond) * 2 }

  /// The part of an address that one holder has to themselves.
  static func key(_ address: SocketAddress?) -> String {
    guard let text = address?.ipAddress else { return "" }
    return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 4) { bytes in
      guard inet_pton(AF_INET6, text, bytes.baseAddress) == 1 else { return text }
      return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }
  }

  /// Counts one more connection; false when it is one too many. Otherwise `leave` must follow.
  func join(_ key: String) -> Bool {
    state.withLock { state in
      guard state.connections < configuration.maximumConnections else { return false }
      if state.usages[key] == nil, state.usages.count >= configuration.maximumAddresses {
        state.usages = state.usages.filter { $0.value.connections > 0 }
      }
      var usage = state.usages[key] ?? Usage(tokens: burst, filled: .now())
      guard usage.connections < configuration.maximumConnectionsPerAddress else { return false }
      usage.connections += 1
      state.connections += 1
      state.usages[key] = usage
      return true
    }
  }

  func leave(_ key: String) {
    state.withLock { state in
      state.connections -= 1
      state.usages[key]?.connections -= 1
    }
  }

  /// Takes one request of the address; false when it makes too many. Only between `join` and `leave`.
  func takeRequest(_ key: String, at now: NIODeadline = .now()) -> Bool {
    state.withLock { state in
      guard var usage = state.usages[key] else { return false }
      let seconds = Double((now - usage.filled).nanoseconds) / 1e9
      usage.tokens = min(
        burst, usage.tokens + max(0, seconds) * Double(configuration.requestsPerSecond))
      usage.filled = now
      defer { state.usages[key] = usage }
      guard usage.tokens >= 1 else { return false }
      usage.tokens -= 1
      return true
    }
  }
}
