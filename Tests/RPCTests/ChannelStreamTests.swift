import Model
import RPC
import Synchronization
import Testing

/// The calls whose requests are a stream, from our client.
@Suite struct ChannelStreamTests {
  @Test func allRequestsArriveInOrder() async throws {
    try await withEcho { _, channel in
      let answer: Echo = try await channel.clientStreaming(EchoMethods.collect) {
        (requests: RequestWriter<Echo>) in
        for index in 0..<1000 { try await requests.write(Echo(typeURL: "\(index) ")) }
      }
      #expect(answer.typeURL == (0..<1000).map { "\($0) " }.joined())
      let empty: Echo = try await channel.clientStreaming(EchoMethods.collect) {
        (_: RequestWriter<Echo>) in
      }
      #expect(empty == Echo())
    }
  }

  @Test func aConversationGoesBackAndForth() async throws {
    try await withEcho { _, channel in
      try await channel.bidirectional(EchoMethods.chat) {
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
  }

  @Test func bothDirectionsFlowAtOnce() async throws {
    try await withEcho { _, channel in
      let value = [UInt8](repeating: 1, count: 10_000)
      let count = try await channel.bidirectional(EchoMethods.chat) {
        (requests: RequestWriter<Echo>, responses: ResponseStream<Echo>) in
        async let written: Void = {
          for index in 0..<500 {
            try await requests.write(Echo(typeURL: "\(index)", value: value))
          }
          requests.finish()
        }()
        var count = 0
        for try await response in responses {
          #expect(response.typeURL == "\(count)" && response.value == value)
          count += 1
        }
        try await written
        return count
      }
      #expect(count == 500)
    }
  }

  /// A server that reads nothing holds the writer at what the windows and the buffers take.
  @Test func aSlowServerSuspendsTheWriter() async throws {
    let server = try await StubbornServer.start()
    let channel = try server.channel()
    let written = Atomic(0)
    let messageBytes = 10_000
    let call = Task {
      let _: Echo = try await channel.clientStreaming(StubbornServer.ignore) {
        (requests: RequestWriter<Echo>) in
        for _ in 0..<2000 {
          try await requests.write(Echo(value: [UInt8](repeating: 1, count: messageBytes)))
          written.add(1, ordering: .relaxed)
        }
      }
    }
    await server.log.started.wait()
    var seen = 0
    repeat {
      seen = written.load(ordering: .relaxed)
      try await Task.sleep(for: .milliseconds(100))
    } while written.load(ordering: .relaxed) > seen
    #expect(seen > 0 && seen * messageBytes < 1 << 20, "wrote \(seen) of 2000 messages")
    call.cancel()
    let outcome = await call.result
    #expect(throws: RPCStatus.self) { try outcome.get() }
    await server.log.cancelled.wait()
    await channel.close()
    await server.stop()
  }

  @Test func aServerMayAnswerBeforeTheLastRequest() async throws {
    let server = try await StubbornServer.start()
    let channel = try server.channel()
    let written = Atomic(0)
    let answer: Echo = try await channel.clientStreaming(StubbornServer.first) {
      (requests: RequestWriter<Echo>) in
      while true {
        try await requests.write(Echo(typeURL: "one", value: [UInt8](repeating: 1, count: 1000)))
        written.add(1, ordering: .relaxed)
      }
    }
    #expect(answer.typeURL == "one")
    await channel.close()
    await server.stop()
  }

  @Test func aRefusalReachesTheWriter() async throws {
    let server = try await StubbornServer.start()
    let channel = try server.channel()
    let status = await failure {
      let _: Echo = try await channel.clientStreaming(StubbornServer.refuse) {
        (requests: RequestWriter<Echo>) in
        do {
          while true { try await requests.write(Echo(value: [UInt8](repeating: 1, count: 1000))) }
        } catch {
          #expect((error as? RPCStatus)?.details?.reason == "ECHO_REFUSED")
          throw error
        }
      }
    }
    #expect(status?.code == .failedPrecondition)
    #expect(status?.details?.reason == "ECHO_REFUSED")
    await channel.close()
    await server.stop()
  }

  @Test func anErrorOfTheWriterCancelsTheCall() async throws {
    struct NoMore: Error {}
    let server = try await StubbornServer.start()
    let channel = try server.channel()
    await #expect(throws: NoMore.self) {
      let _: Echo = try await channel.clientStreaming(StubbornServer.ignore) {
        (requests: RequestWriter<Echo>) in
        try await requests.write(Echo())
        await server.log.started.wait()
        throw NoMore()
      }
    }
    await server.log.cancelled.wait()
    await channel.close()
    await server.stop()
  }

  @Test func leavingAConversationCancelsIt() async throws {
    let server = try await StubbornServer.start()
    let channel = try server.channel()
    try await channel.bidirectional(StubbornServer.flood) {
      (requests: RequestWriter<Echo>, responses: ResponseStream<Echo>) in
      var iterator = responses.makeAsyncIterator()
      let first = try await iterator.next()
      #expect(first != nil)
    }
    await server.log.cancelled.wait()
    await channel.close()
    await server.stop()
  }

  @Test func cancellingTheCallerEndsAConversation() async throws {
    let server = try await StubbornServer.start()
    let channel = try server.channel()
    let call = Task {
      await failure {
        try await channel.bidirectional(StubbornServer.ignoreAll) {
          (requests: RequestWriter<Echo>, responses: ResponseStream<Echo>) in
          try await requests.write(Echo())
          for try await _ in responses {}
        }
      }
    }
    await server.log.started.wait()
    call.cancel()
    #expect(await call.value?.code == .cancelled)
    await server.log.cancelled.wait()
    await channel.close()
    await server.stop()
  }

  @Test func aDeadlineEndsAStreamOfRequests() async throws {
    let server = try await StubbornServer.start()
    let channel = try server.channel()
    let status = await failure {
      let _: Echo = try await channel.clientStreaming(
        StubbornServer.ignore, CallOptions(timeout: .milliseconds(300))
      ) { (requests: RequestWriter<Echo>) in
        while true { try await requests.write(Echo(value: [UInt8](repeating: 1, count: 10_000))) }
      }
    }
    #expect(status?.code == .deadlineExceeded)
    await server.log.cancelled.wait()
    await channel.close()
    await server.stop()
  }

  @Test func aTrickleOfBytesMakesWholeMessages() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority)
    let relay = try await Relay.start(to: server.port, .trickle)
    let channel = try authority.channel(to: [relay.target])
    let answer: Echo = try await channel.clientStreaming(EchoMethods.collect) {
      (requests: RequestWriter<Echo>) in
      for index in 0..<20 { try await requests.write(Echo(typeURL: "\(index) ")) }
    }
    #expect(answer.typeURL == (0..<20).map { "\($0) " }.joined())
    await channel.close()
    await relay.stop()
    await server.stop()
  }

  private func failure(_ call: () async throws -> Void) async -> RPCStatus? {
    do {
      try await call()
      return nil
    } catch {
      return error as? RPCStatus
    }
  }
}
