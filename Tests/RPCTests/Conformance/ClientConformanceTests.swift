import Model
import Testing

@testable import RPC

/// What a server may send that it should not, against our client on real TLS: the call or the connection ends with the
/// right error, and nothing hangs.
@Suite(.serialized) struct ClientConformanceTests {
  static let sections = ClientFrameCases.sections + ClientMessageCases.sections

  @Test func theClientDoesWhatEverySuiteExpects() async throws {
    let server = try RawServer()
    for section in Self.sections {
      for (id, item) in section.numbered {
        let (outcome, call) = try await Self.run(item, server)
        #expect(outcome == item.ours, "\(id): \(item.sends)")
        #expect(call == item.call, "\(id): \(item.sends)")
      }
    }
  }

  private static func run(
    _ item: ClientCase, _ server: RawServer
  ) async throws -> (Outcome, StatusCode) {
    let channel = server.channel { $0.maximumAttempts = 1 }
    async let outcome = server.serve { peer -> Outcome in
      guard peer.beginServing(), let stream = peer.nextRequest() else { return .silence }
      item.write(peer, stream)
      let outcome = peer.outcome(item.ours)
      peer.answer(stream)
      peer.flush()
      return outcome
    }
    let options = CallOptions(timeout: .seconds(5))
    let status = await channel.failure(EchoMethods.hang, Echo(), options)
    let result = (try await outcome, status?.code ?? .ok)
    await channel.close()
    return result
  }

  @Test func aServerThatBeginsWithAnotherFrameThanSettingsGetsNoCall() async throws {
    let server = try RawServer()
    let channel = server.channel { $0.maximumAttempts = 1 }
    async let outcome = server.serve { peer in
      _ = peer.connection.bytes(RawConnection.preface.count)
      peer.frame(.ping, [UInt8](repeating: 0, count: 8))
      return peer.outcome(.connectionError(.protocolError))
    }
    let status = await channel.failure(EchoMethods.hang)
    #expect(status?.code == .unavailable)
    let seen = try await outcome
    #expect(seen == .connectionError(.protocolError))
    await channel.close()
  }

  @Test func everyDifferenceIsExplainedAndNothingElse() {
    for section in Self.sections {
      for (id, item) in section.numbered {
        let isAccepted = item.expected.accepted.contains(item.ours)
        #expect(isAccepted == (item.miss == nil), "\(id)")
      }
    }
  }
}
