import Model
import Testing

@testable import RPC

/// Every case of h2spec and what RFC 9113 and RFC 7541 say beyond it, against our server on real TLS.
/// The outcomes are written up in docs/http2-conformance.md.
@Suite(.serialized) struct ConformanceTests {
  static let sections =
    GenericCases.sections + ConnectionCases.sections + StreamCases.sections + FrameCases.sections
    + FlowControlCases.sections + MessageCases.sections + HPACKCases.sections

  @Test func theServerDoesWhatEverySuiteExpects() async throws {
    let server = try await TestServer.start()
    let context = try TLSContext(
      server.authority.credentials(TestAuthority.clientID), side: .client)
    for section in Self.sections {
      for (id, item) in section.numbered {
        let outcome = try Self.run(item, server.port, context)
        #expect(outcome == item.ours, "\(id): \(item.sends)")
      }
    }
    let channel = try server.channel()
    let other = try await channel.echo(EchoMethods.echo, Echo(typeURL: "unharmed"))
    #expect(other.typeURL == "unharmed")
    await channel.close()
    await server.stop()
  }

  private static func run(
    _ item: ConformanceCase, _ port: Int, _ context: TLSContext
  ) throws -> Outcome {
    let peer = FramePeer(try RawConnection(PlainConnection(port: port), context))
    if !item.isBare {
      peer.raw(RawConnection.preface)
      peer.exchangeSettings()
    }
    item.write(peer)
    return peer.outcome(item.ours)
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
