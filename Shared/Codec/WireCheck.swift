/// One pass over the bytes before protobuf-c unpacks them: well-formed tags and lengths, nesting,
/// valid text, and a cap on elements. protobuf-c by itself truncates text at NUL, accepts invalid
/// UTF-8 and recurses without bound.
extension WireSchema {
  func check(_ bytes: UnsafeRawBufferPointer) throws(RuleFailure) {
    try messages.withUnsafeBufferPointer { messages throws(RuleFailure) in
      try fields.withUnsafeBufferPointer { fields throws(RuleFailure) in
        var check = WireCheck(messages: messages, fields: fields, names: names)
        try check.message(0, WireReader(bytes), depth: 0)
      }
    }
  }
}

private struct WireCheck {
  private let messages: UnsafeBufferPointer<WireSchema.Message>
  private let fields: UnsafeBufferPointer<WireSchema.Field>
  private let names: [String]
  private var elementCount = 0
  private var messageCount = 0
  private var mergeCount = 0

  init(
    messages: UnsafeBufferPointer<WireSchema.Message>,
    fields: UnsafeBufferPointer<WireSchema.Field>, names: [String]
  ) {
    self.messages = messages
    self.fields = fields
    self.names = names
  }

  mutating func message(_ index: Int, _ whole: WireReader, depth: Int) throws(RuleFailure) {
    let range = messages[index].fields
    var reader = whole
    var cursor = range.lowerBound
    var singles: UInt64 = 0
    while !reader.isAtEnd {
      let tag = try reader.tag()
      try count(1)
      guard let position = find(tag.number, in: range, from: &cursor) else {
        try reader.skip(tag.type)
        continue
      }
      let field = fields[position]
      do throws(RuleFailure) {
        if field.encoding == .message, !field.isRepeated {
          let bit: UInt64 = 1 << UInt64((position - range.lowerBound) & 63)
          if singles & bit != 0 { try countMerge() }
          singles |= bit
        }
        try value(of: field, tag.type, &reader, depth: depth)
      } catch {
        throw error.inside(
          names[position],
          index: field.isRepeated ? whole.occurrences(of: tag.number, before: reader) : nil)
      }
    }
  }

  private mutating func value(
    of field: WireSchema.Field, _ type: WireReader.WireType, _ reader: inout WireReader, depth: Int
  ) throws(RuleFailure) {
    switch (field.encoding, type) {
    case (.varint, .varint), (.fixed32, .fixed32), (.fixed64, .fixed64):
      try reader.skip(type)
    case (.bytes, .bytes): _ = try reader.bytes()
    case (.text, .bytes): try TextCheck.check(try reader.bytes())
    case (.message, .bytes):
      guard depth < CodecLimits.nesting else { throw .nesting }
      messageCount += 1
      guard messageCount <= CodecLimits.messages else { throw .elements }
      try message(field.message, WireReader(try reader.bytes()), depth: depth + 1)
    case (.varint, .bytes) where field.isRepeated, (.fixed32, .bytes) where field.isRepeated,
      (.fixed64, .bytes) where field.isRepeated:
      try packed(field.encoding, try reader.bytes())
    default: throw .wireType
    }
  }

  private mutating func packed(_ encoding: WireSchema.Encoding, _ bytes: UnsafeRawBufferPointer)
    throws(RuleFailure)
  {
    switch encoding {
    case .fixed32, .fixed64:
      let width = encoding == .fixed32 ? 4 : 8
      guard bytes.count % width == 0 else { throw .malformed }
      try count(bytes.count / width)
    default:
      var reader = WireReader(bytes)
      while !reader.isAtEnd {
        _ = try reader.varint()
        try count(1)
      }
    }
  }

  private mutating func count(_ more: Int) throws(RuleFailure) {
    elementCount += more
    guard elementCount <= CodecLimits.elements else { throw .elements }
  }

  private mutating func countMerge() throws(RuleFailure) {
    mergeCount += 1
    guard mergeCount <= CodecLimits.merges else { throw .merges }
  }

  /// Where the field is, looking first after the one before: encoders write fields in order.
  private func find(_ number: UInt32, in range: Range<Int>, from cursor: inout Int) -> Int? {
    if cursor < range.upperBound, fields[cursor].number == number { return cursor }
    if cursor + 1 < range.upperBound, fields[cursor + 1].number == number {
      cursor += 1
      return cursor
    }
    var low = range.lowerBound
    var high = range.upperBound
    while low < high {
      let middle = (low + high) / 2
      if fields[middle].number < number { low = middle + 1 } else { high = middle }
    }
    guard low < range.upperBound, fields[low].number == number else { return nil }
    cursor = low
    return low
  }
}
