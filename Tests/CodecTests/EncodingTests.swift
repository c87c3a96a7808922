import Foundation
import Testing

@testable import Codec
@testable import Model

/// What decoding keeps and drops, what encoding promises, and the files that reflection serves.
@Suite struct EncodingTests {
  private typealias Kitchen = CodectestV1.Kitchen

  @Test func unknownFieldsAreDropped() throws {
    let known = Kitchen(string: "a").serialized()
    let unknown =
      Encoded.tag(900, 0) + [1] + Encoded.bytes(901, [1, 2]) + Encoded.tag(902, 5) + [0, 0, 0, 0]
      + Encoded.tag(903, 1) + [UInt8](repeating: 0, count: 8)
    let decoded = try Kitchen.decode(unknown + known + unknown)
    #expect(decoded == Kitchen(string: "a"))
    #expect(decoded.serialized() == known)
  }

  @Test func unknownEnumValuesAreKept() throws {
    let message = Kitchen(shade: .unrecognized(-77), shades: [.dark, .unrecognized(9), .value2k])
    #expect(try Kitchen.decode(message.serialized()) == message)
  }

  @Test func lastOfRepeatedValuesWins() throws {
    let bytes =
      Kitchen(int32: 1, string: "a").serialized() + Kitchen(int32: 2, string: "b").serialized()
    #expect(try Kitchen.decode(bytes) == Kitchen(int32: 2, string: "b"))
  }

  @Test func lastMemberOfAOneofWins() throws {
    let bytes =
      Kitchen(dish: .dishSpice(.init(name: "a"))).serialized()
      + Kitchen(dish: .dishNumber(7)).serialized() + Kitchen(dish: .dishName("b")).serialized()
    #expect(try Kitchen.decode(bytes).dish == .dishName("b"))
  }

  @Test func zeroMemberOfAOneofIsStillSet() throws {
    let message = Kitchen(dish: .dishNumber(0))
    #expect(try Kitchen.decode(message.serialized()).dish == .dishNumber(0))
  }

  @Test func explicitPresenceTellsZeroFromAbsent() throws {
    let zero = Kitchen(maybeInt64: 0, maybeString: "", maybeBool: false, maybeBytes: [])
    #expect(try Kitchen.decode(zero.serialized()) == zero)
    #expect(try Kitchen.decode([]) == Kitchen())
    #expect(zero != Kitchen())
  }

  @Test func lastOfRepeatedMapKeysWins() throws {
    let bytes =
      Kitchen(labels: ["a": "1"]).serialized() + Kitchen(labels: ["b": "2"]).serialized()
      + Kitchen(labels: ["a": "3"]).serialized()
    #expect(try Kitchen.decode(bytes).labels == ["a": "3", "b": "2"])
  }

  @Test func packedAndUnpackedNumbersAreBothRead() throws {
    let packed = Encoded.bytes(40, [1, 2]) + Encoded.bytes(51, [3, 4])
    let unpacked =
      [0xC0, 0x02, 1, 0xC0, 0x02, 2].map { UInt8($0) } + Encoded.tag(51, 0) + [3]
      + Encoded.tag(51, 0) + [4]
    let expected = Kitchen(int32s: [1, 2], unpacked: [3, 4])
    #expect(try Kitchen.decode(packed) == expected)
    #expect(try Kitchen.decode(unpacked) == expected)
  }

  @Test func equalValuesGiveEqualBytes() {
    let keys = (0..<50).map { "key\($0)" }
    let forwards = Kitchen(labels: Dictionary(uniqueKeysWithValues: keys.map { ($0, "x") }))
    let backwards = Kitchen(
      labels: Dictionary(uniqueKeysWithValues: keys.reversed().map { ($0, "x") }))
    #expect(forwards.serialized() == backwards.serialized())
  }

  @Test func prefixIsLeftZero() {
    let message = Kitchen(string: "a")
    #expect(message.serialized(reserving: 5) == [0, 0, 0, 0, 0] + message.serialized())
    #expect(Kitchen().serialized(reserving: 5) == [0, 0, 0, 0, 0])
  }

  @Test func largeMessagesGrowTheArena() throws {
    let message = Kitchen(
      strings: (0..<1_000).map { String(repeating: "đ", count: $0 % 997) },
      byteses: (0..<1_000).map { [UInt8](repeating: UInt8($0 & 255), count: $0) })
    #expect(try Kitchen.decode(message.serialized()) == message)
  }

  @Test func valuesBelowOurResolutionAreDropped() throws {
    let time = Encoded.bytes(19, [0x08, 1, 0x10] + Encoded.varint(1_999))
    #expect(try Kitchen.decode(time).madeTime == Timestamp(microseconds: 1_000_001))
  }

  @Test func jsonReadsOriginalNamesNumbersAndNull() throws {
    let text = """
      {"made_time": "1970-01-01T07:00:01+07:00", "int64": 5, "int32": "-6", "shade": 1,
       "bytes": "-_8", "string": null, "unknown": {"a": [1]}, "dish_name": "x", "double": "NaN"}
      """
    let message = try JSONDecoder().decode(Kitchen.self, from: Data(text.utf8))
    #expect(message.madeTime == Timestamp(microseconds: 1_000_000))
    #expect(message.int64 == 5)
    #expect(message.int32 == -6)
    #expect(message.shade == .light)
    #expect(message.bytes == [0xFB, 0xFF])
    #expect(message.dish == .dishName("x"))
    #expect(message.double.isNaN)
  }

  @Test func jsonWithoutARequiredFieldIsRefused() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(CodectestV1.Strict.self, from: Data("{}".utf8))
    }
  }

  @Test func everyServiceIsDescribed() throws {
    for symbol in [
      "ndx.settlement.v1.OrderService", "ndx.settlement.v1.OrderService.PlaceOrder",
      "ndx.type.v1.ROLE_REGISTRAR", "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
      "google.rpc.ErrorInfo", "google.protobuf.Timestamp.seconds",
    ] {
      #expect(ProtoFile.declaring(symbol) != nil, "\(symbol)")
    }
    for file in ProtoFile.all {
      #expect(!file.descriptor.isEmpty)
      for dependency in file.dependencies { #expect(ProtoFile.named(dependency) != nil) }
    }
    let rules = ProtoExtension(extendee: "google.protobuf.FieldOptions", number: 50_501)
    #expect(ProtoFile.declaring(rules)?.name == "ndx/rules/v1/rules.proto")
  }
}
