/// Header compression: h2spec's generic/5 and hpack suites, and what else RFC 7541 calls a decoding error.
enum HPACKCases {
  static let sections = [accepted, indexes, tableSize, strings, more]

  /// A request with these bytes after its fields.
  private static func followed(by bytes: [UInt8]) -> @Sendable (FramePeer) -> Void {
    { $0.headers(1, FieldBlock.request().bytes + bytes) }
  }

  private static func preceded(by bytes: [UInt8]) -> @Sendable (FramePeer) -> Void {
    { $0.headers(1, bytes + FieldBlock.request().bytes) }
  }

  // `user-agent`, `x-test` and `h2spec` as string literals: plain, and Huffman-coded.
  private static let agent = FieldBlock.string(Array("user-agent".utf8))
  private static let agentCoded: [UInt8] = [0x87, 0xb5, 0x05, 0xb1, 0x61, 0xcc, 0x5a, 0x93]
  private static let name = FieldBlock.string(Array("x-test".utf8))
  private static let nameCoded: [UInt8] = [0x85, 0xf2, 0xb2, 0x4a, 0x84, 0xff]
  private static let value = FieldBlock.string(Array("h2spec".utf8))
  private static let valueCoded: [UInt8] = [0x84, 0x9c, 0x48, 0xac, 0xa4]

  /// The four ways to write a literal field of one representation.
  private static func literals(_ pattern: UInt8, _ what: String) -> [ConformanceCase] {
    [
      ConformanceCase(
        "literal \(what), known name", .response, followed(by: [pattern] + agent + value)),
      ConformanceCase(
        "literal \(what), known name, Huffman-coded", .response,
        followed(by: [pattern] + agentCoded + valueCoded)),
      ConformanceCase(
        "literal \(what), new name", .response, followed(by: [pattern] + name + value)),
      ConformanceCase(
        "literal \(what), new name, Huffman-coded", .response,
        followed(by: [pattern] + nameCoded + valueCoded)),
    ]
  }

  private static let accepted = ConformanceSection(
    "generic/5", "HPACK", "RFC 7541, 6",
    [ConformanceCase("indexed field", .response, followed(by: [0xba]))]
      + literals(0x40, "with indexing") + literals(0x00, "without indexing")
      + literals(0x10, "never indexed") + [
        ConformanceCase("dynamic table size update", .response, preceded(by: [0x20])),
        ConformanceCase(
          "two dynamic table size updates", .response, preceded(by: [0x20, 0x3f, 0xe1, 0x1f])),
      ])

  private static let indexes = ConformanceSection(
    "hpack/2.3.3", "Index address space", "RFC 7541, 2.3.3",
    [
      ConformanceCase(
        "indexed field above both tables", .connectionError(.compressionError),
        followed(by: [0xfe])),
      ConformanceCase(
        "literal whose name is above both tables", .connectionError(.compressionError),
        followed(by: [0x7e] + value)),
    ])

  private static let tableSize = ConformanceSection(
    "hpack/4.2", "Maximum table size", "RFC 7541, 4.2",
    [
      ConformanceCase(
        "table size update at the end of a block", .connectionError(.compressionError),
        followed(by: [0x21]))
    ])

  private static let strings = ConformanceSection(
    "hpack/5.2", "String literals", "RFC 7541, 5.2",
    [
      ConformanceCase(
        "Huffman padding of more than 7 bits", .connectionError(.compressionError),
        followed(by: [0] + nameCoded + [0x84, 0x49, 0x50, 0x9f, 0xff])),
      ConformanceCase(
        "Huffman padding of zeros", .connectionError(.compressionError),
        followed(by: [0] + nameCoded + [0x83, 0x49, 0x50, 0x90])),
      ConformanceCase(
        "EOS in a Huffman-coded string", .connectionError(.compressionError),
        followed(by: [0] + nameCoded + [0x87, 0xff, 0xff, 0xff, 0xfd, 0x25, 0x42, 0x7f])),
    ])

  private static let more = ConformanceSection(
    "hpack/6", "Representations", "RFC 7541, 6", suite: 2,
    [
      ConformanceCase(
        "indexed field with index 0", .connectionError(.compressionError), followed(by: [0x80])),
      ConformanceCase(
        "table size update above the limit", .connectionError(.compressionError),
        preceded(by: [0x3f, 0xe2, 0x1f])),
      ConformanceCase(
        "table size update between fields", .connectionError(.compressionError)
      ) {
        let fields = FieldBlock.request().bytes
        $0.headers(1, fields + [0x20] + FieldBlock(fields: [("x-late", "1")]).bytes)
      },
      ConformanceCase(
        "integer above 2^32", .connectionError(.compressionError),
        followed(by: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])),
      ConformanceCase(
        "integer of endless zeros", .connectionError(.compressionError),
        followed(by: [0xff] + [UInt8](repeating: 0x80, count: 64))),
      ConformanceCase(
        "literal cut off within its name", .connectionError(.compressionError),
        followed(by: [0x00, 0x05, 0x78])),
      ConformanceCase(
        "literal cut off before its value", .connectionError(.compressionError),
        followed(by: [0x00] + name)),
      ConformanceCase(
        "literal cut off within its value's length", .connectionError(.compressionError),
        followed(by: [0x00] + name + [0x7f, 0x80])),
      ConformanceCase("field from the dynamic table, in a later request", .response) {
        $0.headers(1, FieldBlock.request().bytes + [0x40] + name + value)
        $0.waitForEnd(of: 1)
        $0.headers(3, FieldBlock.request().bytes + [0xbe])
      },
      ConformanceCase(
        "field evicted from the dynamic table, in a later request",
        .connectionError(.compressionError)
      ) {
        $0.headers(1, FieldBlock.request().bytes + [0x40] + name + value)
        $0.waitForEnd(of: 1)
        $0.headers(3, [0x20] + FieldBlock.request().bytes + [0xbe])
      },
    ])
}
