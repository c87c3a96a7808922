import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
import TestSupport
import Testing

/// A call that ends early takes its reading of the database along, and leaves what it writes whole.
@Suite struct CancelledCallTests {
  private typealias Request = IdentityV1.GetJwksRequest
  private typealias Response = IdentityV1.GetJwksResponse

  private static let method = MethodDescriptor(
    service: "ndx.test.v1.SlowService", name: "Work", kind: .unary)
  /// Would take for ever.
  private static let endlessQuery = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n
    """

  /// The only reader; it is in use as long as the query runs.
  private static func database() throws -> TestDatabase {
    var limits = DatabaseLimits.standard
    limits.readers = 1
    return try TestDatabase(limits: limits)
  }

  @Test func theDeadlineInterruptsAQuery() async throws {
    let test = try Self.database()
    try await Self.serving({ try await Self.readForEver(test.database) }) { channel in
      let clock = ContinuousClock()
      let began = clock.now
      let status = await Self.failure(channel, CallOptions(timeout: .milliseconds(300)))
      #expect(status?.code == .deadlineExceeded)
      let notes = try await test.notes
      #expect(notes == [] && clock.now - began < .seconds(5))
    }
    await test.database.close()
  }

  @Test func aResetInterruptsAQuery() async throws {
    let test = try Self.database()
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    try await Self.serving({
      try await Self.readForEver(test.database) { start.finish() }
    }) { channel in
      let call = Task { await Self.failure(channel, CallOptions(timeout: .seconds(60))) }
      for await _ in started {}
      call.cancel()
      #expect(await call.value?.code == .cancelled)
      let notes = try await test.notes
      #expect(notes == [])
    }
    await test.database.close()
  }

  @Test func aWriteThatHasBegunIsDoneWhole() async throws {
    let test = try Self.database()
    let gate = Gate()
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    try await Self.serving({
      defer { end.finish() }
      try await test.database.write { db in
        try db.execute(sql: "INSERT INTO note (text) VALUES ('first')")
        gate.pass()
        try db.execute(sql: "INSERT INTO note (text) VALUES ('second')")
      }
    }) { channel in
      let call = Task { await Self.failure(channel, CallOptions(timeout: .seconds(60))) }
      await gate.untilReached()
      call.cancel()
      #expect(await call.value?.code == .cancelled)
      gate.open()
      for await _ in ended {}
      let notes = try await test.notes
      #expect(notes == ["first", "second"])
    }
    await test.database.close()
  }

  private static func readForEver(
    _ database: ServiceDatabase, _ started: @escaping @Sendable () -> Void = {}
  ) async throws {
    _ = try await database.read { db in
      started()
      return try Int.fetchOne(db, sql: endlessQuery)
    }
  }

  private static func failure(_ channel: RPCChannel, _ options: CallOptions) async -> RPCStatus? {
    do {
      let _: Response = try await channel.unary(method, Request(), options)
      return nil
    } catch {
      return error as? RPCStatus
    }
  }

  /// Serves a method that does this work, to a channel of another service.
  private static func serving(
    _ work: @escaping @Sendable () async throws -> Void,
    _ body: (RPCChannel) async throws -> Void
  ) async throws {
    let authority = try TestAuthority()
    func credentials(_ name: String) throws -> TLSContextStore {
      try TLSContextStore(try authority.credential(for: .service(name)).tls())
    }
    let server = RPCServer(
      configuration: RPCServerConfiguration(), tls: try credentials("echo"),
      methods: [
        .unary(method) { (_: Request, _: CallContext) in
          try await work()
          return Response(jwks: "")
        }
      ], logger: .quiet)
    let port = try await server.start()
    let channel = RPCChannel(
      target: "127.0.0.1:\(port)", tls: try credentials("catalog"), expecting: .anyTrusted)
    do {
      try await body(channel)
    } catch {
      Issue.record(error)
    }
    await channel.close()
    await server.shutdown(grace: .zero)
  }
}
