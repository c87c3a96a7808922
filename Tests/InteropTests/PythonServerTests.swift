import Foundation
import Model
import RPC
import Testing

/// Our channel calls a server of grpcio, the Python implementation of gRPC.
@Suite struct PythonServerTests {
  /// Runs a test against a channel to the server.
  private func withServer(_ body: (RPCChannel) async throws -> Void) async throws {
    let authority = try InteropAuthority()
    let folder = try authority.folder(InteropAuthority.serverID)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = Pipe()
    let (process, output) = try Python.start("echo_server.py", [folder.path], input: input)
    defer {
      try? input.fileHandleForWriting.close()
      process.waitUntilExit()
    }
    let port = await Python.firstLine(of: output)
    let channel = RPCChannel(
      target: "127.0.0.1:\(port)",
      tls: try TLSContextStore(authority.credentials(InteropAuthority.callerID)),
      expecting: .spiffeID(InteropAuthority.serverID))
    let result = await Result<Void, any Error>.catching { try await body(channel) }
    await channel.close()
    try result.get()
  }

  @Test func everyKindOfCallIsAnswered() async throws {
    try await withServer { channel in
      try await callUnary(channel)
      try await readStream(channel)
      try await writeStream(channel)
      try await converse(channel)
    }
  }

  @Test func statusDetailsDeadlinesAndCancellationAreUnderstood() async throws {
    try await withServer { channel in
      try await failWithDetails(channel)
      try await passDeadline(channel)
      try await cancel(channel)
      let unknown = await failure(channel, InteropEcho.method("Nothing"))
      #expect(unknown?.code == .unimplemented)
      let third: Echo = try await channel.unary(
        InteropEcho.method("Flaky", isIdempotent: true), Echo())
      #expect(third.typeURL == "3")
    }
  }

  @Test func metadataHealthAndReflectionAreUnderstood() async throws {
    try await withServer { channel in
      try await exchangeMetadata(channel)
      try await askForHealth(channel)
      try await listServices(channel)
    }
  }

  // MARK: The four kinds

  private func callUnary(_ channel: RPCChannel) async throws {
    for size in [0, 1, 1_000_000] {
      let request = Echo(typeURL: "xin chào", value: [UInt8](repeating: 5, count: size))
      let response: Echo = try await channel.unary(InteropEcho.method("Echo"), request)
      #expect(response == request)
    }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<100 {
        group.addTask {
          let request = Echo(typeURL: "\(index)")
          return try await channel.unary(InteropEcho.method("Echo"), request) == request
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  private func readStream(_ channel: RPCChannel) async throws {
    let stream: ResponseStream<Echo> = channel.serverStreaming(
      InteropEcho.method("Count", .serverStreaming),
      Echo(typeURL: "2000", value: [UInt8](repeating: 1, count: 1000)))
    var count = 0
    for try await response in stream {
      #expect(response.typeURL == "\(count)")
      count += 1
    }
    #expect(count == 2000)
  }

  private func writeStream(_ channel: RPCChannel) async throws {
    let all: Echo = try await channel.clientStreaming(
      InteropEcho.method("Collect", .clientStreaming)
    ) { (requests: RequestWriter<Echo>) in
      for index in 0..<500 {
        let value = [UInt8](repeating: 1, count: 1000)
        try await requests.write(Echo(typeURL: "\(index) ", value: value))
      }
    }
    #expect(all.typeURL == (0..<500).map { "\($0) " }.joined())
    let first: Echo = try await channel.clientStreaming(
      InteropEcho.method("First", .clientStreaming)
    ) { (requests: RequestWriter<Echo>) in
      while true { try await requests.write(Echo(typeURL: "only this")) }
    }
    #expect(first.typeURL == "only this")
  }

  private func converse(_ channel: RPCChannel) async throws {
    try await channel.bidirectional(InteropEcho.method("Chat", .bidirectional)) {
      (requests: RequestWriter<Echo>, responses: ResponseStream<Echo>) in
      var iterator = responses.makeAsyncIterator()
      for index in 0..<100 {
        try await requests.write(Echo(typeURL: "\(index)"))
        let answer = try await iterator.next()
        #expect(answer?.typeURL == "\(index)")
      }
      requests.finish()
      let end = try await iterator.next()
      #expect(end == nil)
    }
  }

  // MARK: Ends

  private func failWithDetails(_ channel: RPCChannel) async throws {
    let refused = await failure(channel, InteropEcho.method("Fail"), Echo(typeURL: "cá"))
    #expect(refused?.code == .failedPrecondition && refused?.message == "từ chối 100%")
    let details = try #require(refused?.details)
    #expect(details.reason == "REFUSED" && details.domain == "test.python")
    #expect(details.metadata == ["what": "cá"])
    #expect(details.violations.map(\.field) == ["type_url"])
    #expect(details.retryAfterMilliseconds == 2000)
  }

  private func passDeadline(_ channel: RPCChannel) async throws {
    let seen: Echo = try await channel.unary(
      InteropEcho.method("Remaining"), Echo(), CallOptions(timeout: .seconds(50)))
    let seconds = try #require(Double(seen.typeURL))
    #expect(seconds > 20 && seconds <= 50)
    let late = await failure(
      channel, InteropEcho.method("Hang"), Echo(), CallOptions(timeout: .milliseconds(300)))
    #expect(late?.code == .deadlineExceeded)
  }

  private func cancel(_ channel: RPCChannel) async throws {
    let call = Task {
      await failure(channel, InteropEcho.method("Hang"), Echo(typeURL: "cancelled"))
    }
    let began: Echo = try await channel.unary(InteropEcho.method("WasStarted"), Echo())
    #expect(began.typeURL == "True")
    call.cancel()
    #expect(await call.value?.code == .cancelled)
    let told: Echo = try await channel.unary(InteropEcho.method("WasCancelled"), Echo())
    #expect(told.typeURL == "True")
    let stream: ResponseStream<Echo> = channel.serverStreaming(
      InteropEcho.method("Count", .serverStreaming), Echo(typeURL: "100000000"))
    for try await response in stream where response.typeURL == "10" { break }
  }

  // MARK: What comes along

  private func exchangeMetadata(_ channel: RPCChannel) async throws {
    var metadata = Metadata([("x-test", "value")])
    metadata.add("x-own-bin", bytes: [0, 255, 10])
    let received = ReceivedMetadata()
    let seen: Echo = try await channel.unary(
      InteropEcho.method("Context"), Echo(),
      CallOptions(metadata: metadata, received: received))
    #expect(seen.typeURL.hasPrefix("value - 00-"))
    #expect(seen.value == [0, 255, 10])
    #expect(received.initial["x-initial"] == "first")
    #expect(received.initial.binary("x-raw-bin") == [[0, 255]])
    #expect(received.trailing["x-trailing"] == "last")
  }

  private func askForHealth(_ channel: RPCChannel) async throws {
    let health = "grpc.health.v1.Health"
    let request = HealthV1.HealthCheckRequest(service: InteropEcho.service)
    let answer: HealthV1.HealthCheckResponse = try await channel.unary(
      MethodDescriptor(service: health, name: "Check", kind: .unary), request)
    #expect(answer.status == .serving)
    let changes: ResponseStream<HealthV1.HealthCheckResponse> = channel.serverStreaming(
      MethodDescriptor(service: health, name: "Watch", kind: .serverStreaming), request)
    for try await change in changes {
      #expect(change.status == .serving)
      break
    }
  }

  private func listServices(_ channel: RPCChannel) async throws {
    let method = MethodDescriptor(
      service: "grpc.reflection.v1alpha.ServerReflection", name: "ServerReflectionInfo",
      kind: .bidirectional)
    let names: [String] = try await channel.bidirectional(method) {
      (
        requests: RequestWriter<ReflectionV1Alpha.ServerReflectionRequest>,
        responses: ResponseStream<ReflectionV1Alpha.ServerReflectionResponse>
      ) in
      try await requests.write(
        ReflectionV1Alpha.ServerReflectionRequest(messageRequest: .listServices("")))
      requests.finish()
      var names: [String] = []
      for try await response in responses {
        guard case .listServicesResponse(let list) = response.messageResponse else { continue }
        names += list.service.map(\.name)
      }
      return names
    }
    #expect(names.contains(InteropEcho.service))
  }

  private func failure(
    _ channel: RPCChannel, _ method: MethodDescriptor, _ request: Echo = Echo(),
    _ options: CallOptions = CallOptions()
  ) async -> RPCStatus? {
    do {
      let _: Echo = try await channel.unary(method, request, options)
      return nil
    } catch {
      return error as? RPCStatus
    }
  }
}

extension Result where Failure == any Error {
  fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
    do {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
