import Testing

@testable import RPC

@Suite struct HeldBytesTests {
  private static let ownBytes = 64 << 10

  @Test func aConnectionHoldsNoMoreThanItsLimit() {
    var held = HeldBytes(limit: 100, of: MessageMemory(limit: 0))
    let changes = [100, 1, -1].map { held.change(by: $0) }
    #expect(changes == [true, false, true])
  }

  @Test func connectionsTogetherHoldNoMoreThanTheServerHas() {
    let memory = MessageMemory(limit: 512 << 10)
    var connections = (0..<3).map { _ in HeldBytes(limit: 1 << 30, of: memory) }
    let accepted = connections.indices.map { connections[$0].change(by: Self.ownBytes + 1) }
    #expect(accepted == [true, true, false])
    // What one gives back, another may have.
    let changes = [-1, 1, 256 << 10].map { difference in
      if difference == 1 { connections[0].giveBack() }
      return connections[2].change(by: difference)
    }
    #expect(changes == [true, true, false])
  }
}
