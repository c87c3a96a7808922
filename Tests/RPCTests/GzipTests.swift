import Model
import Testing

@testable import RPC

/// One gzip member for a message (RFC 1952), and nothing else.
@Suite struct GzipTests {
  private static let limit = 1 << 20

  static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    try #require(bytes.withUnsafeBytes { Gzip.compress($0, reserving: 0) })
  }

  /// Text with enough repetition to be worth it.
  static func text(_ count: Int) -> [UInt8] {
    var random = SplitMix64(seed: 7)
    return (0..<count).map { _ in UInt8(ascii: "a") + UInt8(random.next() % 4) }
  }

  @Test(arguments: [100, 1023, 1024, 5000, 70_000, 1 << 20])
  func messagesSurvive(count: Int) throws {
    let text = Self.text(count)
    let compressed = try Self.gzip(text)
    #expect(compressed.count < count)
    #expect(Gzip.announcedBytes(compressed) == count)
    let original = try Gzip.decompress(compressed, limit: Self.limit)
    #expect(original == text)
  }

  @Test func whatDoesNotShrinkIsLeftAlone() {
    var random = SplitMix64(seed: 1)
    let noise = (0..<5000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for bytes in [noise, [], [1], [1, 1, 1]] {
      #expect(bytes.withUnsafeBytes { Gzip.compress($0, reserving: 0) } == nil)
    }
  }

  @Test func anEmptyMessageAndOptionalHeaderFieldsAreRead() throws {
    let empty: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(try Gzip.decompress(empty, limit: 0) == [])
    // FEXTRA, FNAME and FCOMMENT after the fixed part of the header.
    var named = try Self.gzip(Self.text(500))
    named[3] = 4 | 8 | 16
    named.insert(contentsOf: [2, 0, 9, 9, 97, 0, 98, 0], at: 10)
    #expect(try Gzip.decompress(named, limit: 500) == Self.text(500))
  }

  @Test func everyTruncationIsCorrupt() throws {
    let compressed = try Self.gzip(Self.text(300))
    for count in 0..<compressed.count {
      // What is cut off may leave bytes at the end that announce a length above the limit.
      #expect(throws: MessageFault.self) {
        try Gzip.decompress(Array(compressed.prefix(count)), limit: Self.limit)
      }
    }
  }

  @Test func everyAlteredByteOfChecksumAndLengthIsNoticed() throws {
    let compressed = try Self.gzip(Self.text(300))
    for index in (compressed.count - 8)..<compressed.count {
      for bit in 0..<8 {
        var altered = compressed
        altered[index] ^= 1 << bit
        #expect(throws: MessageFault.self) { try Gzip.decompress(altered, limit: Self.limit) }
      }
    }
  }

  @Test func aSecondMemberAndTrailingBytesAreCorrupt() throws {
    let compressed = try Self.gzip(Self.text(300))
    for extra in [compressed, [0], [0x2c, 1, 0, 0], [UInt8](repeating: 0, count: 100)] {
      #expect(throws: MessageFault.corrupt) {
        try Gzip.decompress(compressed + extra, limit: Self.limit)
      }
    }
  }

  @Test(arguments: [[0x78, 0x9c], [0, 0], [0x1f, 0x9d]] as [[UInt8]])
  func otherFormatsAreCorrupt(magic: [UInt8]) throws {
    var other = try Self.gzip(Self.text(300))
    other.replaceSubrange(0..<2, with: magic)
    #expect(throws: MessageFault.corrupt) { try Gzip.decompress(other, limit: Self.limit) }
  }

  /// Decided on the announced length: what stands before it is not even gzip.
  @Test func aBombIsRefusedWithoutBeingInflated() {
    let announced = Self.limit + 1
    let trailer = (0..<4).map { UInt8(announced >> ($0 * 8) & 255) }
    #expect(throws: MessageFault.tooLong(announced: announced, limit: Self.limit)) {
      try Gzip.decompress([UInt8](repeating: 0xaa, count: 1000) + trailer, limit: Self.limit)
    }
  }

  @Test func aBombThatLiesAboutItsLengthIsCorrupt() throws {
    var bomb = try Self.gzip([UInt8](repeating: 0, count: 8 << 20))
    for lie in [0, 1, 1000, Self.limit] {
      bomb.replaceSubrange((bomb.count - 4)..., with: (0..<4).map { UInt8(lie >> ($0 * 8) & 255) })
      #expect(throws: MessageFault.corrupt) { try Gzip.decompress(bomb, limit: Self.limit) }
    }
  }

  @Test func moreThanDeflateCanHoldIsRefusedBeforeAnythingIsAllocated() throws {
    var small = try Self.gzip(Self.text(100))
    small.replaceSubrange((small.count - 4)..., with: [0, 0, 15, 0])
    #expect(throws: MessageFault.corrupt) { try Gzip.decompress(small, limit: Self.limit) }
  }
}
