import COpenSSL

/// Owns one OpenSSL object and frees it with the last reference.
///
/// Unchecked because OpenSSL's reference counts are atomic and because every object in here is
/// either never changed after it was built, or reachable from one uniquely owned value only.
final class OpenSSLObject: @unchecked Sendable {
  let pointer: OpaquePointer
  private let release: @Sendable (OpaquePointer) -> Void

  /// Takes over `pointer`; a null one is the failure of `operation`.
  init(
    _ pointer: OpaquePointer?, _ operation: String,
    release: @escaping @Sendable (OpaquePointer) -> Void
  ) throws {
    guard let pointer else { throw OpenSSLObject.failure(of: operation) }
    self.pointer = pointer
    self.release = release
  }

  deinit { release(pointer) }

  /// The error at the head of this thread's OpenSSL queue, which is emptied.
  static func failure(of operation: String) -> CryptoError {
    let code = ERR_peek_error()
    ERR_clear_error()
    let reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "no detail"
    return .operationFailed(operation: operation, reason: reason)
  }

  /// OpenSSL functions return 1 for success; anything else is an error of `operation`.
  static func check(_ result: Int32, _ operation: String) throws {
    guard result == 1 else { throw failure(of: operation) }
  }

  /// Collects what an `i2d_…` function writes.
  static func der(
    _ operation: String, _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
  ) throws -> [UInt8] {
    let length = encode(nil)
    guard length > 0 else { throw failure(of: operation) }
    return try [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
      var cursor = buffer.baseAddress
      guard encode(&cursor) == length else { throw failure(of: operation) }
      count = Int(length)
    }
  }

  /// Runs a `d2i_…` function over all of `bytes`; trailing bytes are malformed.
  static func parse(
    _ bytes: some Collection<UInt8>, as what: String,
    release: @escaping @Sendable (OpaquePointer) -> Void,
    _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?
  ) throws -> OpenSSLObject {
    try withBytes(of: bytes) { buffer in
      var cursor = buffer.baseAddress
      let parsed = decode(&cursor, buffer.count)
      let wasWhole = cursor == buffer.baseAddress.map { $0 + buffer.count }
      ERR_clear_error()
      guard let parsed else { throw CryptoError.malformed(what) }
      let object = try OpenSSLObject(parsed, what, release: release)
      guard wasWhole else { throw CryptoError.malformed(what) }
      return object
    }
  }
}

/// Gives `body` the bytes in one piece, copying only collections that are not contiguous.
func withBytes<Result>(
  of bytes: some Collection<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
) rethrows -> Result {
  if let result = try bytes.withContiguousStorageIfAvailable(body) { return result }
  return try Array(bytes).withUnsafeBufferPointer(body)
}
