import Foundation
import Model
import Testing

@Suite struct IdentifierTests {
  private let text = "0192f8a4-7b1c-7def-8123-456789abcdef"

  @Test func canonicalTextRoundTrips() throws {
    let id = try #require(OrderID(text))
    #expect(id.description == text)
    #expect(id.high == 0x0192_f8a4_7b1c_7def)
    #expect(id.low == 0x8123_4567_89ab_cdef)
    #expect(OrderID(bytes: id.bytes) == id)
    #expect(id.bytes.count == 16)
    let json = try JSONEncoder().encode([id])
    #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
    #expect(try JSONDecoder().decode([OrderID].self, from: json) == [id])
  }

  @Test(arguments: [
    "", "0192F8A4-7b1c-7def-8123-456789abcdef", "0192f8a47b1c7def8123456789abcdef",
    "0192f8a4-7b1c-7def-8123-456789abcde", "0192f8a4-7b1c-7def-8123-456789abcdef0",
    "{192f8a4-7b1c-7def-8123-456789abcdef", "0192f8a4_7b1c_7def_8123_456789abcdef",
    "g192f8a4-7b1c-7def-8123-456789abcdef",
  ]) func anythingElseIsRefused(text: String) {
    #expect(OrderID(text) == nil)
  }

  @Test func everyByteButADigitIsRefusedEverywhere() {
    let canonical = Array(text.utf8)
    for position in canonical.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = canonical
        changed[position] = byte
        let isDash = [8, 13, 18, 23].contains(position)
        let isValid = isDash ? byte == UInt8(ascii: "-") : Hex.lowerCaseDigit(byte) != nil
        let id = changed.withUnsafeBytes { OrderID(utf8: $0) }
        #expect((id != nil) == isValid)
        if let id { #expect(Array(id.description.utf8) == changed) }
      }
    }
  }

  @Test func otherNumbersOfBytesAreRefused() {
    #expect(OrderID(bytes: [UInt8](repeating: 0, count: 15)) == nil)
    #expect(OrderID(bytes: [UInt8](repeating: 0, count: 17)) == nil)
  }

  @Test func madeIdentifiersAreVersionSevenAndSortByTime() {
    var previous = OrderID(high: 0, low: 0)
    for microsecond in 0..<2_000 {
      let time = Timestamp(microseconds: 1_800_000_000_000_000 + Int64(microsecond) * 10)
      let id = OrderID.make(at: time)
      #expect(id.high >> 16 == UInt64(time.microseconds / 1_000))
      #expect(id.high >> 12 & 15 == 7)
      #expect(id.low >> 62 == 2)
      #expect(previous < id)
      previous = id
    }
  }

  @Test func digestTakesThirtyTwoBytesAlone() throws {
    let bytes = [UInt8](0..<32)
    let digest = try #require(Digest(bytes: bytes))
    #expect(digest.bytes == bytes)
    #expect(Digest(hex: digest.hex) == digest)
    #expect(digest.hex.hasPrefix("000102030405"))
    #expect(Digest(bytes: [UInt8](0..<31)) == nil)
    #expect(Digest(hex: digest.hex.uppercased()) == nil)
    #expect(Digest(hex: digest.hex.dropLast()) == nil)
    let json = try JSONEncoder().encode([digest])
    #expect(try JSONDecoder().decode([Digest].self, from: json) == [digest])
  }

  @Test func base64MatchesFoundation() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 251) }
      let text = Data(bytes).base64EncodedString()
      #expect(Base64.encode(bytes) == text)
      #expect(Base64.decode(text) == bytes)
      #expect(Base64.decode(text.replacingOccurrences(of: "=", with: "")) == bytes)
    }
    for text in ["A", "AA=", "A===", "AB==", "A A=", "AAAA=", "=AAA", "ab*d"] {
      #expect(Base64.decode(text) == nil, "\(text)")
    }
  }
}
