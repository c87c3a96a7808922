import CNGHTTP2

/// Header fields on their way to nghttp2.
struct HeaderBlock {
  private struct Span {
    let start: Int
    let nameCount: Int
    let valueCount: Int
  }

  private var bytes: [UInt8] = []
  private var spans: [Span] = []

  init() {
    bytes.reserveCapacity(256)
    spans.reserveCapacity(12)
  }

  /// As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113, 6.5.2).
  var listBytes: Int { bytes.count + spans.count * Self.fieldOverheadBytes }

  static let fieldOverheadBytes = 32

  /// Appends a field; the name must be in lower case.
  mutating func add(_ name: String, _ value: String) {
    let start = bytes.count
    bytes.append(contentsOf: name.utf8)
    let nameCount = bytes.count - start
    bytes.append(contentsOf: value.utf8)
    spans.append(
      Span(start: start, nameCount: nameCount, valueCount: bytes.count - start - nameCount))
  }

  /// Appends fields that `MetadataRule` allows.
  mutating func add(_ metadata: Metadata) {
    metadata.forEach { name, value in
      let span = Span(start: bytes.count, nameCount: name.count, valueCount: value.count)
      bytes.append(contentsOf: name)
      bytes.append(contentsOf: value)
      spans.append(span)
    }
  }

  /// Appends what `fields` adds, unless the list would then be longer than the limit.
  mutating func add(within limit: Int, _ fields: (inout HeaderBlock) -> Void) {
    let (byteCount, spanCount) = (bytes.count, spans.count)
    fields(&self)
    guard listBytes > limit else { return }
    bytes.removeLast(bytes.count - byteCount)
    spans.removeLast(spans.count - spanCount)
  }

  /// The fields as nghttp2 takes them. nghttp2 copies what it needs from them in the call they are passed to.
  func withFields<R>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
    bytes.withUnsafeBufferPointer { bytes in
      withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: spans.count) { fields in
        for (index, span) in spans.enumerated() {
          // nghttp2 declares these pointers mutable but only reads from them.
          let name = bytes.baseAddress.map { UnsafeMutablePointer(mutating: $0 + span.start) }
          let field = nghttp2_nv(
            name: name, value: name.map { $0 + span.nameCount }, namelen: span.nameCount,
            valuelen: span.valueCount, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
          fields.initializeElement(at: index, to: field)
        }
        return body(fields.baseAddress, spans.count)
      }
    }
  }

  /// A field of constants, which nghttp2 need not copy.
  static func constant(_ name: StaticString, _ value: StaticString) -> nghttp2_nv {
    nghttp2_nv(
      name: UnsafeMutablePointer(mutating: name.utf8Start),
      value: UnsafeMutablePointer(mutating: value.utf8Start),
      namelen: name.utf8CodeUnitCount, valuelen: value.utf8CodeUnitCount,
      flags: UInt8(
        NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue))
  }
}
