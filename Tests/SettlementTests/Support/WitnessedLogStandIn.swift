import Crypto
import Foundation
import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
import Stubs
import Synchronization
import TestSupport
import TransparencyLog

/// The audit log as far as settlement asks it for receipts: a log of one entry, on a real server, signed and cosigned
/// with real keys.
final class WitnessedLogStandIn: Sendable {
  private struct Shown {
    var entry: EntryBody?
    var index = 0
    var cosigners: [WitnessSigner] = []
    var signer: NoteSigner
  }
  private let shown: Mutex<Shown>
  private let server: RPCServer
  private let folder: TemporaryDirectory
  /// Two of which one suffices, and one that the policy does not know.
  let witnesses: [WitnessSigner]
  let settings: [String: String]

  init(_ authority: TestAuthority, limit: Int64) async throws {
    let signer = try NoteSigner(name: "log.test/ndx", key: try Ed25519PrivateKey.generate())
    let witnesses = try ["w1.test", "w2.test", "stranger.test"].map {
      try WitnessSigner(name: $0, key: try Ed25519PrivateKey.generate())
    }
    self.witnesses = witnesses
    shown = Mutex(Shown(signer: signer))
    folder = try TemporaryDirectory()
    let policy = """
      log \(signer.verifierKey)
      witness first \(witnesses[0].witnessKey)
      witness second \(witnesses[1].witnessKey)
      group one any first second
      quorum one

      """
    try policy.write(toFile: folder.file("policy"), atomically: true, encoding: .utf8)
    let receipts = Receipts()
    server = RPCServer(
      configuration: RPCServerConfiguration(),
      tls: try TLSContextStore(try authority.credential(for: .service("audit")).tls()),
      methods: [
        .unary(LogServiceMethods.getReceipt) {
          (request: AuditV1.GetReceiptRequest, _: CallContext) in
          guard let log = receipts.log.withLock({ $0 }) else {
            throw RPCStatus(code: .unavailable, message: "not open")
          }
          return try log.receipt(request)
        }
      ], logger: Logger(label: "audit") { _ in SwiftLogNoOpLogHandler() })
    settings = [
      "audit-address": "127.0.0.1:\(try await server.start())",
      "witnessed-payouts": "VND=\(limit)", "witness-policy": folder.file("policy"),
    ]
    receipts.log.withLock { $0 = self }
  }

  /// Hands the server its log, which is made after it.
  private final class Receipts: Sendable {
    let log = Mutex<WitnessedLogStandIn?>(nil)
  }

  func shutdown() async { await server.shutdown(grace: .zero) }

  /// Takes an order's payment from the outbox, as the relay would have brought it.
  func take(paymentOf order: OrderID, _ database: ServiceDatabase) async throws {
    try await take("order.funded", "order/\(order)", database)
  }

  /// Takes the end of a clearing window.
  func take(closingOf window: WindowID, _ database: ServiceDatabase) async throws {
    try await take("window.closed", "window/\(window)", database)
  }

  private func take(
    _ kind: String, _ subject: String, _ database: ServiceDatabase
  ) async throws {
    let entry = try await database.write { db in
      let row = try Row.fetchOne(
        db,
        sql: "SELECT * FROM outbox WHERE kind = ? AND instr(subjects, ?) > 0",
        arguments: [kind, subject])
      guard let row else { throw TestMarket.MarketError.notStored }
      let entry = try EntryBody(
        eventID: try row.decode(EventID.self, forColumn: "event_id"), kind: row["kind"],
        isAccepted: true, detailsHash: Digest.sha256(of: [1]), producer: "settlement",
        producerSequence: row["sequence"],
        time: try row.decode(Timestamp.self, forColumn: "time"), traceparent: "")
      try db.execute(
        sql: "UPDATE outbox SET log_index = 0, leaf_hash = ? WHERE event_id = ?",
        arguments: [MerkleHash.leaf(entry.bytes), entry.eventID])
      return entry
    }
    shown.withLock { $0.entry = entry }
  }

  /// From now on these have cosigned.
  func cosign(by signers: [WitnessSigner]) { shown.withLock { $0.cosigners = signers } }

  /// From now on the log shows another entry under the event's id.
  func alterEntry() {
    shown.withLock { shown in
      shown.entry = shown.entry?.with(detailsHash: Digest.sha256(of: [2]))
    }
  }

  /// From now on somebody else signs in the log's name.
  func changeKey() throws {
    let other = try NoteSigner(name: "log.test/ndx", key: try Ed25519PrivateKey.generate())
    shown.withLock { $0.signer = other }
  }

  private func receipt(
    _ request: AuditV1.GetReceiptRequest
  ) throws -> AuditV1.GetReceiptResponse {
    let shown = shown.withLock { $0 }
    guard let entry = shown.entry, request.target == .eventID(entry.eventID) else {
      throw RPCStatus(code: .notFound, message: "no such event")
    }
    let checkpoint = Checkpoint(
      origin: shown.signer.verifierKey.name, size: 1, root: MerkleHash.leaf(entry.bytes))
    let note = try shown.signer.sign(checkpoint.text)
      .adding(try shown.cosigners.map { try $0.cosign(checkpoint.text, at: 1_790_000_000) })
    return AuditV1.GetReceiptResponse(
      proof: "\(LogProof(index: 0, hashes: [], checkpoint: "\(note)"))", entry: entry.bytes,
      verifierKey: "\(shown.signer.verifierKey)")
  }
}
