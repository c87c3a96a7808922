import Client
import Codec
import ConnectorAPI
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

/// A connector on a real server with real files, grants and signatures. The exchange behind it is
/// the test's: it knows one revision, settlement's keys, and takes down what it is asked to confirm.
final class ConnectorUnderTest: Sendable {
  struct Exchange: Sendable {
    var revisions: [RevisionID: CatalogV1.Revision] = [:]
    var confirmed: [SettlementV1.ConfirmDeliveryRequest] = []
    /// What each instance was told of usage.
    var reported: [String: [SettlementV1.UsageRecord]] = [:]
    /// What settlement answers instead of confirming.
    var refusal: RPCStatus?
    var isAway = false
    /// Instances of settlement that the routing table names no more.
    var gone: Set<String> = []
    /// What each instance of settlement tells of orders, in turn.
    var steps: [String: [SettlementV1.WatchOrdersResponse]] = ["": []]
  }

  let time = ManualTime()
  let authority: TestAuthority
  let provider: TestCaller
  let consumer: TestCaller
  let settlementKey: P256PrivateKey
  let revision: CatalogV1.Revision
  let exchange: ExchangeStore
  let context: ServiceContext
  let parts: ServiceParts
  let folder: TemporaryDirectory
  private let state: TemporaryDirectory
  private let server: RPCServer
  private let address: HostPort

  /// - Parameter state: the folder of an earlier connector, to go on from what it left.
  init(
    files: [String: [UInt8]] = ["tinh.csv": Array("ma,ten\n01,Hà Nội\n".utf8)],
    after earlier: ConnectorUnderTest? = nil
  ) async throws {
    let authority = try earlier?.authority ?? TestAuthority()
    let time = time
    let folder = try earlier?.folder ?? TemporaryDirectory()
    let state = try earlier?.state ?? TemporaryDirectory()
    let provider = try earlier?.provider ?? authority.caller([.provider])
    let revision = try earlier?.revision ?? Self.write(files, to: folder)
    let key = try earlier?.settlementKey ?? P256PrivateKey.generate()
    let known = earlier?.exchange.current ?? Exchange(revisions: [revision.id: revision])
    let exchange = ExchangeStore(known)
    let logger = Logger(label: "connector") { JSONLogHandler(label: $0, level: .critical) }
    let configuration = try await ServiceConfiguration.test(
      ConnectorService.self, directory: state, trustDomain: authority.trustDomain,
      settings: ["data": folder.path])
    let database = try ServiceDatabase(
      at: configuration.path("connector.sqlite"), service: "connector",
      migrations: ConnectorService.migrations, logger: logger)
    context = try ServiceContext(
      configuration: configuration, database: database, auditing: .local { _, _, _ in },
      revocations: RevocationView(isAuthoritative: true, clock: time.clock), keys: KeySetView(),
      tls: try TLSContextStore(try provider.credential.tls()), clock: time.clock, logger: logger)
    parts = try await ConnectorParts(
      context, data: folder.path, credential: { provider.credential },
      exchange: exchange.calls(keys: JSONWebKeySet(keys: ["k1": key.publicKey]).text)
    ).assembled()
    server = RPCServer(
      configuration: RPCServerConfiguration(), tls: context.tls, methods: parts.methods,
      interceptors: try context.interceptors(metrics: CallMetrics(service: "connector")),
      logger: logger)
    self.authority = authority
    self.provider = provider
    consumer = try earlier?.consumer ?? authority.caller([.consumer])
    settlementKey = key
    self.revision = revision
    self.exchange = exchange
    self.folder = folder
    self.state = state
    address = HostPort(host: "127.0.0.1", port: try await server.start())
  }

  func shutdown() async {
    await server.shutdown(grace: .milliseconds(200))
    await context.close()
    await context.database.close()
  }

  private static func write(_ files: [String: [UInt8]], to folder: TemporaryDirectory) throws
    -> CatalogV1.Revision
  {
    let listed = try files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
      path, bytes in
      let url = URL(filePath: folder.file(path))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
      return CatalogV1.ContentFile(
        path: path, mediaType: "text/csv", sizeBytes: Int64(bytes.count),
        sha256: Digest.sha256(of: bytes))
    }
    var revision = CatalogV1.Revision(
      id: .make(at: WallClock.system.now()), productID: .make(at: WallClock.system.now()),
      number: 1, files: listed, connectorAddress: "127.0.0.1:1",
      sizeBytes: listed.reduce(0) { $0 + $1.sizeBytes })
    revision.manifestSHA256 = revision.manifest.sha256
    return revision
  }

  // MARK: Grants and calls

  /// A good grant for the consumer, to be spoilt by the test.
  func grant() -> DeliveryGrant {
    let second = Timestamp(microseconds: time.now.microseconds / 1_000_000 * 1_000_000)
    return DeliveryGrant(
      id: .make(at: time.now), orderID: order, agreementID: agreement, revisionID: revision.id,
      providerID: provider.participantID, consumerID: consumer.participantID,
      quotaBytes: 2 * max(1 << 20, revision.sizeBytes),
      certificateFingerprint: consumer.credential.leaf.fingerprint, issuedAt: second,
      expires: second.adding(seconds: 300), productID: revision.productID,
      manifestSHA256: revision.manifestSHA256)
  }

  let order = OrderID.make(at: WallClock.system.now())
  let agreement = AgreementID.make(at: WallClock.system.now())

  func token(_ change: (inout DeliveryGrant) -> Void = { _ in }) throws -> String {
    var grant = grant()
    change(&grant)
    return try grant.signed(by: settlementKey, keyID: "k1")
  }

  func client(as caller: TestCaller? = nil) throws -> DeliveryServiceClient {
    let caller = caller ?? consumer
    var configuration = RPCChannelConfiguration()
    configuration.maximumAttempts = 1
    return DeliveryServiceClient(
      RPCChannel(
        target: address.description, tls: try TLSContextStore(try caller.credential.tls()),
        expecting: .spiffeID(
          below: SPIFFEID.prefix(
            of: provider.participantID, trustDomain: authority.trustDomain)),
        configuration: configuration))
  }

  /// The bytes of a file from an offset.
  func fetch(
    _ path: String, from offset: Int64 = 0, grant: String? = nil, as caller: TestCaller? = nil
  ) async throws -> [UInt8] {
    let request = DeliveryV1.FetchRequest(
      grant: try grant ?? token(), path: path, offsetBytes: offset)
    var bytes: [UInt8] = []
    for try await chunk in try client(as: caller).fetch(request) { bytes += chunk.data }
    return bytes
  }

  // MARK: Receipts

  func statement() -> DeliveryV1.DeliveryStatement {
    DeliveryV1.DeliveryStatement(
      receiptID: .make(at: time.now), orderID: order, agreementID: agreement,
      revisionID: revision.id, providerID: provider.participantID,
      consumerID: consumer.participantID, sizeBytes: revision.sizeBytes,
      manifestSHA256: revision.manifest.sha256, completeTime: time.now)
  }

  func receiptRequest(
    _ statement: DeliveryV1.DeliveryStatement, signedBy signer: TestCaller? = nil
  ) throws -> DeliveryV1.SignReceiptRequest {
    let signer = signer ?? consumer
    let bytes = statement.serialized()
    return DeliveryV1.SignReceiptRequest(
      requestID: .make(at: time.now), grant: try token(), statement: bytes,
      consumer: DeliveryV1.Signature(
        certificateChain: signer.credential.chain.map(\.der),
        signature: try DeliveryStatementSignature.sign(bytes, with: signer.credential.key)))
  }
}

/// The exchange as the connector reaches it.
final class ExchangeStore: Sendable {
  private let state: Mutex<ConnectorUnderTest.Exchange>

  init(_ state: ConnectorUnderTest.Exchange) { self.state = Mutex(state) }

  var current: ConnectorUnderTest.Exchange { state.withLock { $0 } }

  func update(_ change: (inout ConnectorUnderTest.Exchange) -> Void) {
    state.withLock { change(&$0) }
  }

  func calls(keys: String) -> ExchangeCalls {
    let away = RPCStatus(code: .unavailable, message: "away")
    return ExchangeCalls(
      revision: { id in
        try self.state.withLock { state in
          guard !state.isAway else { throw away }
          guard let revision = state.revisions[id] else {
            throw RPCStatus(code: .notFound, message: "no such revision")
          }
          return revision
        }
      },
      grantKeys: { try self.state.withLock { if $0.isAway { throw away } else { keys } } },
      instances: {
        try self.state.withLock { if $0.isAway { throw away } else { $0.steps.keys.sorted() } }
      },
      watch: { name, cursor, take in
        guard let steps = self.current.steps[name] else { throw away }
        for step in steps where step.cursor > cursor { try await take(step) }
      },
      confirm: { request in
        try self.state.withLock { state in
          if state.isAway { throw away }
          if let refusal = state.refusal { throw refusal }
          state.confirmed.append(request)
        }
      },
      report: { name, request in
        try self.state.withLock { state in
          if state.isAway || state.gone.contains(name) { throw away }
          var taken = state.reported[name] ?? []
          let outcomes = try request.records.map { record in
            try UsageStandIn.take(record, &taken)
          }
          state.reported[name] = taken
          return SettlementV1.ReportUsageResponse(
            outcomes: outcomes, nextSequence: Int64(taken.count) + 1)
        }
      })
  }
}

/// Why a call was refused.
func refusal<Response>(_ call: () async throws -> Response) async -> String {
  do {
    _ = try await call()
    return "accepted"
  } catch let status as RPCStatus {
    return "\(status.code.name) \(status.details?.reason ?? "")"
  } catch { return "\(error)" }
}

/// Settlement's rule of places in a sequence of usage.
private enum UsageStandIn {
  static func take(
    _ record: SettlementV1.UsageRecord, _ taken: inout [SettlementV1.UsageRecord]
  ) throws -> SettlementV1.UsageOutcome {
    let expected = Int64(taken.count) + 1
    if record.sequence == expected {
      taken.append(record)
      return .counted
    }
    if record.sequence < expected, taken[Int(record.sequence) - 1] == record { return .repeated }
    let reason =
      record.sequence < expected ? "USAGE_SEQUENCE_REUSED" : "USAGE_SEQUENCE_GAP"
    throw RPCStatus(
      code: .failedPrecondition, message: reason,
      details: ErrorDetails(
        reason: reason, domain: "ndx.settlement", metadata: ["expected_sequence": "\(expected)"]))
  }
}
