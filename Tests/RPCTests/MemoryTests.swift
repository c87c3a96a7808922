import Model
import RPC
import Synchronization
import Testing

/// Streams of 256 MiB, or of 1 GiB in a long run, to readers that sleep: the writer is held back, and neither side's
/// memory grows.
@Suite(.serialized) struct MemoryTests {
  private static let totalBytes = isLongRun ? 1 << 30 : 256 << 20
  private static let messageBytes = 256 << 10
  private static let messages = totalBytes / messageBytes
  private static let naps = 8
  /// What may be on the way to a reader: a window and a message on each side, the writer's buffer, and the socket's.
  private static let underwayBytes = 6 << 20
  private static let maximumGrownBytes = 16 << 20

  @Test func aLongAnswerToAClientThatSleepsTakesNoMemory() async throws {
    let written = Counter()
    let pour = MethodDescriptor(
      service: "ndx.test.v1.MemoryService", name: "Pour", kind: .serverStreaming)
    let method = RegisteredMethod.serverStreaming(pour) {
      (request: Echo, _, writer: ResponseWriter<Echo>) in
      for _ in 0..<(Int(request.typeURL) ?? 0) {
        try await writer.write(request)
        written.add(1)
      }
    }
    try await withServer(method) { channel in
      func read(_ count: Int) async throws {
        let sleeper = Sleeper(sent: written)
        let request = Echo(typeURL: "\(count)", value: Self.payload)
        let stream: ResponseStream<Echo> = channel.serverStreaming(pour, request)
        for try await response in stream { try await sleeper.take(response) }
        sleeper.expectAll(count)
      }
      try await read(Self.messages / 16)
      written.reset()
      try await expectFlatMemory { try await read(Self.messages) }
    }
  }

  @Test func aLongRequestToAHandlerThatSleepsTakesNoMemory() async throws {
    let written = Counter()
    let drink = MethodDescriptor(
      service: "ndx.test.v1.MemoryService", name: "Drink", kind: .clientStreaming)
    let method = RegisteredMethod.clientStreaming(drink) { (requests: RequestStream<Echo>, _) in
      let sleeper = Sleeper(sent: written)
      for try await request in requests { try await sleeper.take(request) }
      return Echo(typeURL: "\(sleeper.taken)")
    }
    try await withServer(method) { channel in
      func write(_ count: Int) async throws {
        let answer: Echo = try await channel.clientStreaming(drink) { writer in
          for _ in 0..<count {
            try await writer.write(Echo(value: Self.payload))
            written.add(1)
          }
        }
        #expect(answer.typeURL == "\(count)")
      }
      try await write(Self.messages / 16)
      written.reset()
      try await expectFlatMemory { try await write(Self.messages) }
    }
  }

  private static let payload = [UInt8](repeating: 7, count: messageBytes)

  /// Reads, and sleeps a few times; while it does, the writer comes to a stop.
  private final class Sleeper: Sendable {
    private let sent: Counter
    private let count = Counter()
    var taken: Int { count.value }

    init(sent: Counter) { self.sent = sent }

    func take(_ message: Echo) async throws {
      count.add(1)
      guard count.value % (MemoryTests.messages / MemoryTests.naps) == 0 else { return }
      try await Task.sleep(for: .milliseconds(100))
      let underway = (sent.value - count.value) * MemoryTests.messageBytes
      #expect(underway < MemoryTests.underwayBytes)
    }

    func expectAll(_ expected: Int) { #expect(taken == expected) }
  }

  private final class Counter: Sendable {
    private let state = Atomic(0)
    var value: Int { state.load(ordering: .relaxed) }
    func add(_ count: Int) { state.add(count, ordering: .relaxed) }
    func reset() { state.store(0, ordering: .relaxed) }
  }

  private func withServer(
    _ method: RegisteredMethod, _ body: (RPCChannel) async throws -> Void
  ) async throws {
    let server = try await TestServer.start(methods: [method])
    let channel = try server.channel()
    let result = await Result { try await body(channel) }
    await channel.close()
    await server.stop()
    try result.get()
  }

  private func expectFlatMemory(_ body: () async throws -> Void) async throws {
    let before = residentBytes()
    let watch = Task {
      var peak = before
      while !Task.isCancelled {
        peak = max(peak, residentBytes())
        try? await Task.sleep(for: .milliseconds(5))
      }
      return peak
    }
    let result = await Result { try await body() }
    watch.cancel()
    let grown = await watch.value - before
    if isLongRun {
      print("\(Self.totalBytes >> 20) MiB streamed; resident memory grew by \(grown >> 10) KiB")
    }
    #expect(grown <= Self.maximumGrownBytes, "grown by \(grown) bytes")
    try result.get()
  }
}
