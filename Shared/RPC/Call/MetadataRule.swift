import Model

/// What may be custom metadata (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md, Custom-Metadata).
enum MetadataRule {
  /// One or more of `0-9 a-z _ - .`, and none of the names that gRPC and HTTP/2 keep for themselves.
  static func allows(name: UnsafeRawBufferPointer) -> Bool {
    !name.isEmpty && name.allSatisfy(isNameByte) && !isReserved(name)
  }

  /// Space and printable ASCII.
  static func allows(value: UnsafeRawBufferPointer) -> Bool {
    value.allSatisfy { (0x20...0x7e).contains($0) }
  }

  /// Throws when a field must not be sent: INTERNAL, for it is the program that added it.
  static func check(_ metadata: Metadata) throws(RPCStatus) {
    var offender: String?
    metadata.forEach { name, value in
      guard offender == nil else { return }
      let isBase64 =
        !name.ends(with: "-bin")
        || value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy {
          let part = UnsafeRawBufferPointer(rebasing: $0).trimmed
          return Base64.decode(String(decoding: part, as: UTF8.self)) != nil
        }
      let isTrimmed = value.trimmed.count == value.count
      guard allows(name: name), allows(value: value), isTrimmed, isBase64 else {
        offender = String(decoding: name, as: UTF8.self)
        return
      }
    }
    if let offender {
      throw RPCStatus(code: .internal, message: "not allowed as metadata: \(offender)")
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private static func isReserved(_ name: UnsafeRawBufferPointer) -> Bool {
    switch name.first {
    case UInt8(ascii: "g"): name.starts(with: "grpc-")
    case UInt8(ascii: "t"): name.equals("te") || name.equals("transfer-encoding")
    case UInt8(ascii: "c"): name.equals("content-type") || name.equals("connection")
    case UInt8(ascii: "h"): name.equals("host")
    case UInt8(ascii: "k"): name.equals("keep-alive")
    case UInt8(ascii: "p"): name.equals("proxy-connection")
    case UInt8(ascii: "u"): name.equals("upgrade")
    default: false
    }
  }
}
