import Model
import Testing

@testable import SettlementDomain

struct PlaceTableTests {
  /// A hundred thousand operations on few ids, so that they meet, against a dictionary.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func findsWhatADictionaryFinds(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var table = PlaceTable<Entity.Transfer>()
    var expected: [TransferID: Int] = [:]
    var differences = 0
    for step in 0..<100_000 {
      let id = TransferID(
        high: .random(in: 0..<4, using: &random), low: .random(in: 0..<400, using: &random))
      switch Int.random(in: 0..<1_000, using: &random) {
      case 0:
        table.removeAll()
        expected = [:]
      case 1: table.reserve(.random(in: 0..<2_000, using: &random))
      case 2..<400:
        table.remove(id)
        expected[id] = nil
      case 400..<800:
        let place = step.isMultiple(of: 2) ? step : -step
        table.set(id, to: place)
        expected[id] = place
      default: if table[id] != expected[id] { differences += 1 }
      }
    }
    #expect(differences == 0)
    #expect(table.count == expected.count)
    #expect(expected.allSatisfy { table[$0.key] == $0.value })
  }

  /// The id of zeros is an id, and no place at all is not the place of one.
  @Test func knowsAnIDOfZerosOnlyOnceItIsThere() {
    var table = PlaceTable<Entity.Account>()
    let zero = AccountID(high: 0, low: 0)
    #expect(table[zero] == nil)
    table.set(zero, to: -1)
    #expect(table[zero] == -1)
    table.remove(zero)
    #expect(table[zero] == nil)
    #expect(table.count == 0)
  }
}
