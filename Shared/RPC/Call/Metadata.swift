import Model

/// Call metadata: HTTP/2 header fields in the order in which they were added or received, names in lower case.
///
/// Received metadata leaves out what the runtime takes apart itself (gRPC's own fields, `traceparent`,
/// `accept-language`) and what gRPC does not allow: names other than `0-9 a-z _ - .`, values other than printable
/// ASCII. Received metadata may therefore be sent on, but for `-bin` values that are not base64.
///
/// Fields whose name ends in `-bin` carry bytes: base64 on the wire, bytes through `binary`.
package struct Metadata: Sendable, Hashable {
  package struct Field: Sendable, Hashable {
    package let name: String
    package let value: String
  }

  /// Each field as two lengths, its name and its value, so that receiving costs one allocation and no Strings.
  private var storage: [UInt8] = []

  package init() {}

  package init(_ pairs: [(String, String)]) {
    for (name, value) in pairs { add(name, value) }
  }

  package var isEmpty: Bool { storage.isEmpty }

  /// Adds a field after those of the same name. The value of a `-bin` field must be base64.
  /// What gRPC does not allow is refused when it is sent.
  package mutating func add(_ name: String, _ value: String) {
    var name = name.lowercased()
    var value = value
    name.withUTF8 { name in
      value.withUTF8 { add(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer($0)) }
    }
  }

  /// Adds a binary field; its name must end in `-bin`. Sent as base64 without padding.
  package mutating func add(_ name: String, bytes: some Collection<UInt8>) {
    add(name, Base64.encodeUnpadded(bytes))
  }

  /// Adds the fields of `other`.
  package mutating func add(_ other: Metadata) { storage += other.storage }

  /// All fields, in order.
  package var fields: [Field] {
    var fields: [Field] = []
    forEach { name, value in fields.append(Field(name: Self.text(name), value: Self.text(value))) }
    return fields
  }

  /// The first value of the field, by its lower-case name.
  package subscript(name: String) -> String? {
    var found: String?
    forEach(named: name) { value in if found == nil { found = Self.text(value) } }
    return found
  }

  /// All values of the field, by its lower-case name. Values of `-bin` fields that a proxy has joined are taken apart.
  package func all(_ name: String) -> [String] {
    var values: [String] = []
    let isBinary = name.hasSuffix("-bin")
    forEach(named: name) { value in
      guard isBinary else { return values.append(Self.text(value)) }
      for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
        values.append(Self.text(UnsafeRawBufferPointer(rebasing: part).trimmed))
      }
    }
    return values
  }

  /// The bytes of each value of a `-bin` field, by its lower-case name; values that are not base64 are nil.
  package func binary(_ name: String) -> [[UInt8]?] { all(name).map(Base64.decode) }
}

// MARK: - Without Strings

extension Metadata {
  private static let initialReservation = 256

  /// Adds a field whose name is in lower case.
  mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    if storage.isEmpty { storage.reserveCapacity(Self.initialReservation) }
    let start = 2 * MemoryLayout<UInt32>.size
    withUnsafeTemporaryAllocation(byteCount: start + name.count + value.count, alignment: 4) {
      $0.storeBytes(of: UInt32(truncatingIfNeeded: name.count), as: UInt32.self)
      $0.storeBytes(of: UInt32(truncatingIfNeeded: value.count), toByteOffset: 4, as: UInt32.self)
      UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: name)
      UnsafeMutableRawBufferPointer(rebasing: $0[(start + name.count)...]).copyMemory(from: value)
      storage.append(contentsOf: $0)
    }
  }

  /// Adds a received field, unless gRPC does not allow it.
  mutating func addReceived(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    let value = value.trimmed
    if MetadataRule.allows(name: name), MetadataRule.allows(value: value) { add(name, value) }
  }

  func forEach(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) {
    storage.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let nameCount = Self.takeLength(&rest)
        let valueCount = Self.takeLength(&rest)
        let name = rest.prefix(nameCount)
        let value = rest.dropFirst(nameCount).prefix(valueCount)
        rest = rest.dropFirst(nameCount + valueCount)
        body(UnsafeRawBufferPointer(rebasing: name), UnsafeRawBufferPointer(rebasing: value))
      }
    }
  }

  private func forEach(named name: String, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard !isEmpty else { return }
    var name = name
    name.withUTF8 { wanted in
      let wanted = UnsafeRawBufferPointer(wanted)
      forEach { name, value in if name.equals(wanted) { body(value) } }
    }
  }

  private static func takeLength(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Int {
    let length = UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: UInt32.self)
    rest = rest.dropFirst(MemoryLayout<UInt32>.size)
    return Int(length)
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
