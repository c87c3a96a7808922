import Foundation
import Model
import RPC
import Testing

/// Our channel calls a server of grpcio.
@Suite struct PythonServerTests {
  @Test func grpcioAnswersOurChannel() async throws {
    let authority = try InteropAuthority()
    let folder = try authority.folder(InteropAuthority.serverID)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = Pipe()
    let (process, output) = try Python.start("echo_server.py", [folder.path], input: input)
    let port = await Python.firstLine(of: output)
    let channel = RPCChannel(
      target: "127.0.0.1:\(port)",
      tls: try TLSContextStore(authority.credentials(InteropAuthority.callerID)),
      expecting: .spiffeID(InteropAuthority.serverID))
    try await call(channel)
    await channel.close()
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private func call(_ channel: RPCChannel) async throws {
    for size in [0, 1, 1_000_000] {
      let request = Echo(typeURL: "xin chào", value: [UInt8](repeating: 5, count: size))
      let response: Echo = try await channel.unary(InteropEcho.method("Echo"), request)
      #expect(response == request)
    }
    let stream: ResponseStream<Echo> = channel.serverStreaming(
      InteropEcho.method("Count", .serverStreaming),
      Echo(typeURL: "2000", value: [UInt8](repeating: 1, count: 1000)))
    var count = 0
    for try await response in stream {
      #expect(response.typeURL == "\(count)")
      count += 1
    }
    #expect(count == 2000)
    let refused = await failure(channel, InteropEcho.method("Fail"))
    #expect(refused == RPCStatus(code: .failedPrecondition, message: "từ chối 100%"))
    let late = await failure(
      channel, InteropEcho.method("Hang"), CallOptions(timeout: .milliseconds(300)))
    #expect(late?.code == .deadlineExceeded)
    let unknown = await failure(channel, InteropEcho.method("Nothing"))
    #expect(unknown?.code == .unimplemented)
    let options = CallOptions(metadata: Metadata([("x-test", "value")]))
    let seen: Echo = try await channel.unary(InteropEcho.method("Context"), Echo(), options)
    #expect(seen.typeURL.hasPrefix("value - 00-"))
    let third: Echo = try await channel.unary(
      InteropEcho.method("Flaky", isIdempotent: true), Echo())
    #expect(third.typeURL == "3")
  }

  private func failure(
    _ channel: RPCChannel, _ method: MethodDescriptor, _ options: CallOptions = CallOptions()
  ) async -> RPCStatus? {
    do {
      let _: Echo = try await channel.unary(method, Echo(), options)
      return nil
    } catch {
      return error as? RPCStatus
    }
  }
}
