import Model
import RPC
import Testing

@Suite struct UnaryCallTests {
  @Test func theResponseComesBack() async throws {
    try await withEcho { _, channel in
      let request = Echo(typeURL: "xin chào", value: [1, 2, 3])
      let response = try await channel.echo(EchoMethods.echo, request)
      let empty = try await channel.echo(EchoMethods.echo, Echo())
      #expect(response == request && empty == Echo())
    }
  }

  @Test func manyConcurrentCallsKeepTheirAnswers() async throws {
    try await withEcho { _, channel in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for index in 0..<500 {
          group.addTask {
            let request = Echo(typeURL: "\(index)")
            return try await channel.echo(EchoMethods.echo, request) == request
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func aMessageOfSeveralWindowsPassesBothWays() async throws {
    try await withEcho { _, channel in
      let request = Echo(value: [UInt8](repeating: 7, count: 3 << 20))
      let response = try await channel.echo(EchoMethods.echo, request)
      #expect(response == request)
    }
  }

  @Test func aDomainErrorArrivesWithAllItsDetails() async throws {
    try await withEcho { _, channel in
      let options = CallOptions(metadata: Metadata([("accept-language", "vi;q=0.4, en")]))
      let status = await channel.failure(EchoMethods.fail, Echo(typeURL: "cá"), options)
      #expect(status?.code == .failedPrecondition)
      #expect(status?.message == "Refused 100%.")
      let details = try #require(status?.details)
      #expect(details.reason == "ECHO_REFUSED")
      #expect(details.domain == "ndx.test")
      #expect(details.metadata == ["what": "cá"])
      #expect(details.violations.map(\.field) == ["type_url"])
      #expect(details.violations.map(\.rule) == ["known"])
      #expect(details.localizedMessage == "Refused 100%.")
      #expect(details.retryAfterMilliseconds == 1500)
      let vietnamese = await channel.failure(EchoMethods.fail)
      #expect(vietnamese?.details?.localizedMessage == "Bị từ chối 100%.")
    }
  }

  @Test func anUnmappedErrorReachesTheCallerWithoutDetail() async throws {
    try await withEcho { _, channel in
      let status = await channel.failure(EchoMethods.fail, Echo(typeURL: "internal"))
      #expect(status == RPCStatus(code: .internal, message: "internal error"))
    }
  }

  @Test func anUnknownMethodIsUnimplemented() async throws {
    try await withEcho { _, channel in
      let unknown = MethodDescriptor(service: EchoMethods.service, name: "Nothing", kind: .unary)
      let status = await channel.failure(unknown)
      #expect(status?.code == .unimplemented)
      #expect(status?.details?.reason == "UNKNOWN_METHOD")
    }
  }

  @Test func aMessageAboveTheLimitIsRefusedByTheServer() async throws {
    try await withEcho({ $0.maximumMessageBytes = 1000 }) { _, channel in
      let status = await channel.failure(
        EchoMethods.echo, Echo(value: [UInt8](repeating: 0, count: 2 << 20)))
      #expect(status?.code == .resourceExhausted)
      #expect(status?.details?.reason == "MESSAGE_TOO_LONG")
      let after = try await channel.echo(EchoMethods.echo, Echo(typeURL: "after"))
      #expect(after.typeURL == "after")
    }
  }

  @Test func aResponseAboveTheLimitIsRefusedByTheClient() async throws {
    let server = try await TestServer.start()
    let channel = try server.channel { $0.maximumMessageBytes = 1000 }
    let status = await channel.failure(
      EchoMethods.echo, Echo(value: [UInt8](repeating: 0, count: 5000)))
    #expect(status?.code == .resourceExhausted)
    await channel.close()
    await server.stop()
  }

  @Test func metadataLanguageAndTraceReachTheHandler() async throws {
    try await withEcho { _, channel in
      let parent = CallContext(
        method: EchoMethods.echo, peer: Peer(certificate: nil, address: ""), language: .en)
      let options = CallOptions(
        timeout: .seconds(5), metadata: Metadata([("X-Test", "value")]), parent: parent)
      let seen = try await channel.echo(EchoMethods.context, Echo(), options).typeURL
      #expect(
        seen == "\(TestAuthority.clientID) en \(parent.trace.traceID) value deadline")
    }
  }
}
