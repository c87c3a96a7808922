import Model
import Testing

@testable import Codec

/// What the check before unpacking refuses, each with the rule and the path it names.
@Suite struct WireCheckTests {
  private func failure(_ bytes: [UInt8]) -> FieldViolation? {
    do {
      _ = try CodectestV1.Kitchen.decode(bytes)
      return nil
    } catch let error as InvalidArgument {
      return error.violations[0]
    } catch {
      Issue.record("unexpected \(error)")
      return nil
    }
  }

  private func expect(
    _ bytes: [UInt8], _ rule: String, at field: String = "",
    _ location: SourceLocation = #_sourceLocation
  ) {
    let violation = failure(bytes)
    #expect(violation?.rule == rule, sourceLocation: location)
    #expect(violation?.field == field, sourceLocation: location)
  }

  @Test func emptyMessageIsAccepted() {
    #expect(failure([]) == nil)
  }

  @Test func truncatedTagIsRefused() {
    expect([0x80], "wire.malformed")
  }

  @Test func truncatedVarintNamesItsField() {
    expect([1 << 3, 0x80], "wire.malformed", at: "int32")
  }

  @Test func elevenByteVarintIsRefused() {
    expect([2 << 3] + [UInt8](repeating: 0xFF, count: 10) + [1], "wire.malformed", at: "int64")
  }

  @Test func varintAboveSixtyFourBitsIsRefused() {
    expect([2 << 3] + [UInt8](repeating: 0xFF, count: 9) + [2], "wire.malformed", at: "int64")
  }

  @Test func fieldNumberZeroIsRefused() {
    expect([0x00, 0x00], "wire.malformed")
  }

  @Test func fieldNumberAboveTheLargestIsRefused() {
    expect([0x80, 0x80, 0x80, 0x80, 0x10, 0x00], "wire.malformed")
  }

  @Test func sixByteTagIsRefused() {
    expect([0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01], "wire.malformed")
  }

  @Test func lengthBeyondTheEndIsRefused() {
    expect(Encoded.tag(14, 2) + [5, 0x61], "wire.malformed", at: "string")
  }

  @Test func lengthOfSixtyFourBitsIsRefused() {
    let length = [UInt8](repeating: 0xFF, count: 9) + [1]
    expect(Encoded.tag(15, 2) + length, "wire.malformed", at: "bytes")
  }

  @Test func truncatedFixedNumbersAreRefused() {
    expect(Encoded.tag(7, 5) + [1, 2, 3], "wire.malformed", at: "fixed32")
    expect(Encoded.tag(8, 1) + [1, 2, 3, 4, 5, 6, 7], "wire.malformed", at: "fixed64")
  }

  @Test(arguments: [UInt8(3), 4]) func groupsAreRefused(type: UInt8) {
    expect(Encoded.tag(900, type), "wire.group")
  }

  @Test(arguments: [UInt8(6), 7]) func undefinedWireTypesAreRefused(type: UInt8) {
    expect(Encoded.tag(900, type), "wire.malformed")
  }

  @Test func wireTypeOfAnotherKindIsRefused() {
    expect(Encoded.tag(1, 5) + [0, 0, 0, 0], "wire.type", at: "int32")
    expect(Encoded.tag(14, 0) + [1], "wire.type", at: "string")
    expect(Encoded.tag(1, 2) + [1, 1], "wire.type", at: "int32")
  }

  @Test func invalidUTF8IsRefusedInTextAndAcceptedInBytes() {
    for bytes: [UInt8] in [
      [0xC3], [0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAF],
    ] {
      expect(Encoded.bytes(14, bytes), "string.utf8", at: "string")
      #expect(failure(Encoded.bytes(15, bytes)) == nil)
    }
  }

  @Test func nulIsRefusedAnywhereInText() {
    for position in 0..<20 {
      var text = [UInt8](repeating: 0x61, count: 20)
      text[position] = 0
      expect(Encoded.bytes(14, text), "string.nul", at: "string")
    }
    expect(Encoded.bytes(14, Array("đường\0".utf8)), "string.nul", at: "string")
  }

  @Test func badTextNamesItsPlaceInListsMapsAndMessages() {
    let bad = Encoded.bytes(1, [0xFF])
    expect(
      Encoded.bytes(48, []) + Encoded.bytes(45, [0x61]) + Encoded.bytes(48, bad), "string.utf8",
      at: "spices[1].name")
    expect(Encoded.bytes(45, [0x61]) + Encoded.bytes(45, [0xFF]), "string.utf8", at: "strings[1]")
    expect(Encoded.bytes(60, bad), "string.utf8", at: "labels[0].key")
    expect(
      Encoded.bytes(52, Encoded.bytes(52, Encoded.bytes(18, bad))), "string.utf8",
      at: "kitchens[0].kitchens[0].spice.name")
  }

  @Test func nestingUpToTheLimitIsAcceptedAndBeyondRefused() {
    func nested(_ depth: Int) -> [UInt8] {
      (0..<depth).reduce(into: []) { bytes, _ in bytes = Encoded.bytes(52, bytes) }
    }
    #expect(failure(nested(CodecLimits.nesting)) == nil)
    #expect(failure(nested(CodecLimits.nesting + 1))?.rule == "wire.nesting")
    #expect(failure(nested(20_000))?.rule == "wire.nesting")
  }

  @Test func tooManyEmptyMessagesAreRefused() {
    let empty = Encoded.bytes(48, [])
    func message(_ count: Int) -> [UInt8] { Array(repeatElement(empty, count: count).joined()) }
    expect(
      message(CodecLimits.messages + 1), "wire.elements", at: "spices[\(CodecLimits.messages)]")
    // Within the cap of the encoding, the list's own limit speaks.
    expect(message(2_000), "repeated.max_items", at: "spices")
  }

  @Test func tooManyElementsAreRefusedPackedOrUnknown() {
    let packed = [UInt8](repeating: 0, count: CodecLimits.elements)
    expect(Encoded.bytes(40, packed), "wire.elements", at: "int32s[0]")
    let unknown = Encoded.tag(900, 0) + [0]
    expect(
      Array(repeatElement(unknown, count: CodecLimits.elements + 1).joined()), "wire.elements")
  }

  @Test func packedNumbersMustFillTheirLength() {
    expect(Encoded.bytes(40, [0x80]), "wire.malformed", at: "int32s[0]")
    expect(Encoded.bytes(42, [1, 2, 3, 4, 5]), "wire.malformed", at: "fixed32s[0]")
    expect(Encoded.bytes(43, [1, 2, 3, 4]), "wire.malformed", at: "doubles[0]")
  }

  @Test func repeatedSingleMessagesAreMergedAFewTimes() throws {
    let name = Encoded.bytes(18, Encoded.bytes(1, Array("a".utf8)))
    let heat = Encoded.bytes(18, Encoded.tag(2, 0) + [2])
    let merged = try CodectestV1.Kitchen.decode(name + heat)
    #expect(merged.spice == .init(name: "a", heat: 1))
    let many = Array(repeatElement(heat, count: CodecLimits.merges + 2).joined())
    expect(many, "wire.merges", at: "spice")
  }

  @Test func randomBytesNeverCrash() {
    var generator = SplitMix64(seed: 20_261_123)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0..<64, using: &generator)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = try? CodectestV1.Kitchen.decode(bytes)
      _ = try? CodectestV1.Strict.decode(bytes)
    }
  }
}

/// Protobuf written by hand.
enum Encoded {
  static func tag(_ number: Int, _ type: UInt8) -> [UInt8] { varint(number << 3 | Int(type)) }

  static func bytes(_ number: Int, _ content: [UInt8]) -> [UInt8] {
    tag(number, 2) + varint(content.count) + content
  }

  static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt64(bitPattern: Int64(value))
    var bytes: [UInt8] = []
    while rest >= 128 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
