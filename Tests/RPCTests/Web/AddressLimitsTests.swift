import NIOCore
import Testing

@testable import RPC

/// Who counts as one client of a web server, and what each may use of it.
@Suite struct AddressLimitsTests {
  private let limits = AddressLimits(
    WebServerConfiguration(host: "127.0.0.1", port: 0, requestsPerSecond: 2))
  private let start = NIODeadline.now()

  @Test(arguments: [
    ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"),
    ("2001:db8:1:2:3:4:5:6", "20:1:d:b8:0:1:0:2"), ("2001:db8:1:2::", "20:1:d:b8:0:1:0:2"),
    ("::1", "0:0:0:0:0:0:0:0"),
  ])
  func anAddressCountsAsWhatOneHolderHas(_ address: String, _ key: String) throws {
    #expect(AddressLimits.key(try SocketAddress(ipAddress: address, port: 1)) == key)
  }

  @Test func requestsComeBackAtTheirRateUpToTwoSeconds() {
    #expect(limits.join("a", at: start))
    for _ in 1...4 { #expect(limits.takeRequest("a", at: start)) }
    #expect(!limits.takeRequest("a", at: start))
    #expect(limits.takeRequest("a", at: start + .milliseconds(500)))
    #expect(!limits.takeRequest("a", at: start + .milliseconds(501)))
    let later = start + .seconds(60)
    for _ in 1...4 { #expect(limits.takeRequest("a", at: later)) }
    #expect(!limits.takeRequest("a", at: later))
  }

  @Test func whoOnlyConnectsAgainAndAgainMustWaitAndOthersNeedNot() {
    for _ in 1...8 {
      #expect(limits.join("a", at: start))
      limits.leave("a")
    }
    #expect(!limits.join("a", at: start))
    #expect(limits.join("b", at: start))
    #expect(limits.join("a", at: start + .milliseconds(250)))
  }
}
