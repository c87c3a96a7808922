import Model
import RPC
import Synchronization

/// A log's public side, as a monitor reads it.
final class PublicLogSource: Sendable {
  /// A bundle of 256 entries of the largest size, and some.
  private static let resourceBytes = 17 << 20
  private static let maximumWaits = 30
  private static let longestWaitSeconds = 30

  private let client: WebClient
  private let latest = Mutex<String>("")

  init(_ url: String, trust: WebTrust) throws {
    var configuration = WebClientConfiguration()
    configuration.maximumBodyBytes = Self.resourceBytes
    client = try WebClient(WebAddress(url), trust: trust, configuration: configuration)
  }

  /// The checkpoint that was read last, whatever it is.
  var checkpoint: String { latest.withLock { $0 } }

  /// What is at a path; nil when the log says that nothing is there. Waits when it is told to.
  /// - Throws: `WebFailure`.
  @Sendable func fetch(_ path: String) async throws -> [UInt8]? {
    for _ in 0..<Self.maximumWaits {
      let answer = try await client.get("/\(path)")
      switch answer.status {
      case 200:
        if path == "checkpoint" {
          latest.withLock { $0 = String(decoding: answer.body, as: UTF8.self) }
        }
        return answer.body
      case 404, 410: return nil
      case 429, 503:
        let seconds = min(max(answer.retryAfterSeconds ?? 1, 1), Self.longestWaitSeconds)
        try await Task.sleep(for: .seconds(seconds))
      default: throw WebFailure.unreachable("HTTP \(answer.status) \(path)")
      }
    }
    throw WebFailure.unreachable("HTTP 429 \(path)")
  }
}
