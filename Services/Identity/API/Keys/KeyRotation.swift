import GRDB
import IdentityStore
import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime

/// Rotates the token signing keys by their schedule and publishes them.
struct KeyRotation: Service {
  static let interval: Duration = .seconds(60)

  let transactor: Transactor
  let signer: TokenSigner
  let keys: KeySetView
  let logger: Logger

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      while true {
        try await Task.sleep(for: Self.interval)
        do { try await rotate() } catch is CancellationError { return } catch {
          logger.error("cannot rotate the signing keys", metadata: ["cause": "\(error)"])
        }
      }
    }
  }

  func rotate() async throws {
    let context = CallContext.own(service: "identity", work: "KeyRotation")
    let rows = try await transactor.write(context) { transaction in
      let before = Set(try SigningKeyTable.list(transaction.db).map(\.id))
      let rows = try signer.rotate(transaction.db, at: transaction.now)
      for row in rows where !before.contains(row.id) {
        try transaction.emit(
          AuditEvent(kind: "signing_key.made", subjects: ["signing-key/\(row.id)"]))
      }
      return rows
    }
    try signer.adopt(rows)
    keys.update(signer.published)
  }
}
