import Model
import RPC
import Synchronization
import Testing

@Suite struct StreamingTests {
  @Test func allResponsesArriveInOrder() async throws {
    try await withEcho { _, channel in
      var seen: [String] = []
      let stream: ResponseStream<Echo> = channel.serverStreaming(
        EchoMethods.count, Echo(typeURL: "1000"))
      for try await response in stream { seen.append(response.typeURL) }
      #expect(seen == (0..<1000).map { "\($0)" })
    }
  }

  @Test func anEmptyStreamEnds() async throws {
    try await withEcho { _, channel in
      let stream: ResponseStream<Echo> = channel.serverStreaming(
        EchoMethods.count, Echo(typeURL: "0"))
      var iterator = stream.makeAsyncIterator()
      let (first, second) = (try await iterator.next(), try await iterator.next())
      #expect(first == nil && second == nil)
    }
  }

  /// A reader that stops holds the writer at what the windows and one outbound buffer take.
  @Test func aSlowReaderHoldsTheWriterBack() async throws {
    try await withEcho { server, channel in
      let messageBytes = 10_000
      let stream: ResponseStream<Echo> = channel.serverStreaming(
        EchoMethods.count,
        Echo(typeURL: "2000", value: [UInt8](repeating: 1, count: messageBytes)))
      var iterator = stream.makeAsyncIterator()
      _ = try await iterator.next()
      var written = 0
      repeat {
        written = server.log.written.load(ordering: .relaxed)
        try await Task.sleep(for: .milliseconds(100))
      } while server.log.written.load(ordering: .relaxed) > written
      #expect(written * messageBytes < 1 << 20, "wrote \(written) of 2000 messages")
      var count = 1
      while try await iterator.next() != nil { count += 1 }
      #expect(count == 2000)
    }
  }

  @Test func aStreamThatIsNotReadDoesNotHoldUpOtherCalls() async throws {
    try await withEcho { _, channel in
      let stream: ResponseStream<Echo> = channel.serverStreaming(
        EchoMethods.count, Echo(typeURL: "500", value: [UInt8](repeating: 1, count: 20_000)))
      var iterator = stream.makeAsyncIterator()
      _ = try await iterator.next()
      for _ in 0..<50 {
        _ = try await channel.echo(
          EchoMethods.echo, Echo(value: [UInt8](repeating: 2, count: 50_000)))
      }
      withExtendedLifetime(iterator) {}
    }
  }

  @Test func leavingTheLoopCancelsTheHandler() async throws {
    try await withEcho { server, channel in
      let stream: ResponseStream<Echo> = channel.serverStreaming(
        EchoMethods.count, Echo(typeURL: "100000000", value: [UInt8](repeating: 1, count: 1000)))
      for try await response in stream where response.typeURL == "10" { break }
      await server.log.cancelled.wait()
    }
  }

  @Test func aDeadlineEndsAStream() async throws {
    try await withEcho { server, channel in
      _ = try await channel.echo(EchoMethods.echo, Echo())
      let stream: ResponseStream<Echo> = channel.serverStreaming(
        EchoMethods.count, Echo(typeURL: "100000000", value: [UInt8](repeating: 1, count: 1000)),
        CallOptions(timeout: .milliseconds(500)))
      await #expect(throws: RPCStatus.self) {
        for try await _ in stream {}
      }
      await server.log.cancelled.wait()
    }
  }

  @Test func healthIsWatched() async throws {
    try await withEcho { server, channel in
      let watch = MethodDescriptor(
        service: "grpc.health.v1.Health", name: "Watch", kind: .serverStreaming)
      let stream: ResponseStream<HealthV1.HealthCheckResponse> = channel.serverStreaming(
        watch, HealthV1.HealthCheckRequest(service: EchoMethods.service))
      var iterator = stream.makeAsyncIterator()
      let before = try await iterator.next()
      server.server.health.set(EchoMethods.service, isServing: false)
      let after = try await iterator.next()
      #expect(before?.status == .serving && after?.status == .notServing)
      let unknown: ResponseStream<HealthV1.HealthCheckResponse> = channel.serverStreaming(
        watch, HealthV1.HealthCheckRequest(service: "nothing"))
      var other = unknown.makeAsyncIterator()
      let answer = try await other.next()
      #expect(answer?.status == .serviceUnknown)
    }
  }
}
