import Glibc
import NIOCore
import Synchronization

/// What each address uses of a web server: its open connections, and by buckets of tokens that fill by time its requests
/// and new connections. An IPv6 address counts as its network of 64 bits.
final class AddressLimits: Sendable {
  /// Tokens that come back at a rate, up to two seconds' worth.
  private struct Bucket {
    private let rate: Double
    private var tokens: Double
    private var filled: NIODeadline

    init(_ rate: Double, at now: NIODeadline) {
      self.rate = rate
      tokens = rate * 2
      filled = now
    }

    mutating func take(at now: NIODeadline) -> Bool {
      let seconds = Double((now - filled).nanoseconds) / 1e9
      tokens = min(rate * 2, tokens + max(0, seconds) * rate)
      filled = now
      guard tokens >= 1 else { return false }
      tokens -= 1
      return true
    }
  }
  private struct Usage {
    var connections = 0
    var requests: Bucket
    /// A handshake costs a signature, also of a peer that asks nothing after it.
    var arrivals: Bucket
  }
  private struct State {
    var usages: [String: Usage] = [:]
    var connections = 0
  }
  private let configuration: WebServerConfiguration
  private let state = Mutex(State())

  init(_ configuration: WebServerConfiguration) { self.configuration = configuration }

  /// The part of an address that one holder has to themselves. An IPv4 address that came over IPv6 (RFC 4291, 2.5.5.2) is
  /// itself.
  static func key(_ address: SocketAddress?) -> String {
    guard let text = address?.ipAddress else { return "" }
    return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 4) { bytes in
      guard inet_pton(AF_INET6, text, bytes.baseAddress) == 1 else { return text }
      let isMapped =
        bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11].allSatisfy { $0 == 255 }
      if isMapped { return bytes.suffix(4).map { "\($0)" }.joined(separator: ".") }
      return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }
  }

  /// Counts one more connection; false when it is one too many, or comes too soon. Otherwise `leave` must follow.
  func join(_ key: String, at now: NIODeadline = .now()) -> Bool {
    state.withLock { state in
      guard state.connections < configuration.maximumConnections else { return false }
      if state.usages[key] == nil, state.usages.count >= configuration.maximumAddresses {
        state.usages = state.usages.filter { $0.value.connections > 0 }
      }
      let rate = Double(configuration.requestsPerSecond)
      var usage =
        state.usages[key]
        ?? Usage(requests: Bucket(rate, at: now), arrivals: Bucket(rate * 2, at: now))
      defer { state.usages[key] = usage }
      guard usage.connections < configuration.maximumConnectionsPerAddress,
        usage.arrivals.take(at: now)
      else { return false }
      usage.connections += 1
      state.connections += 1
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
    state.withLock { $0.usages[key]?.requests.take(at: now) ?? false }
  }
}
