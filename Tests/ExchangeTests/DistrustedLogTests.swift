import Client
import Crypto
import Foundation
import GRDB
import Model
import RPC
import Stubs
import TestSupport
import Testing
import TransparencyLog

/// A producer of a whole exchange that does not believe the log: operators see it, and nobody else.
@Suite(.serialized) struct DistrustedLogTests {
  @Test(.timeLimit(.minutes(2)))
  func aProducerThatExpectsAnotherKeySaysSoAndGoesOn() async throws {
    let other = try NoteSigner(name: "ndx.local/audit", key: try Ed25519PrivateKey.generate())
    let exchange = try await LocalExchange(
      environment: ["NDX_CATALOG_LOG_VERIFIER_KEY": "\(other.verifierKey)"])
    try await exchange.admit("ministry", [.provider])
    let ministry = try await exchange.connection("ministry")
    for _ in 0..<2 {
      _ = try await ministry.products.createProduct(
        .init(
          requestID: Market.request,
          description: .init(
            title: .init(vi: "Danh mục"), description: .init(vi: "34 tỉnh, thành"),
            dataClass: .open, personalData: .none)))
    }
    try await untilReachable {
      let status = try await exchange.ndx("status")
      guard status.contains("\(other.verifierKey)") && status.contains("log-verifier-key") else {
        throw RPCStatus(code: .unavailable, message: "nobody is told: \(status)")
      }
    }
    let vietnamese = try await NdxCommand(
      directory: exchange.directory, environment: ["NDX_LANGUAGE": "vi"])("status")
    #expect(vietnamese.contains("nhật ký ký bằng khoá"))
    let folder = "\(exchange.directory)/services/catalog"
    #expect(FileManager.default.fileExists(atPath: "\(folder)/log-evidence-checkpoint.txt"))
    // The events are in the log, and in the outbox still.
    let database = try DatabaseQueue(path: "\(folder)/catalog.sqlite")
    try await untilReachable {
      let taken = try await database.read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM outbox WHERE log_index IS NOT NULL")
      }
      guard taken == 2 else {
        throw RPCStatus(code: .unavailable, message: "\(taken ?? 0) events are in the log")
      }
    }
    let proofs = try await database.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM outbox_proof")
    }
    #expect(proofs == 0)
    try database.close()
    await ministry.close()
  }
}
