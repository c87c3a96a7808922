import COpenSSL

/// Unpredictable bytes from OpenSSL's generator, seeded by the operating system.
package enum Random {
  /// Stops the process when there is no entropy: going on with weak keys would be worse.
  package static func bytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      guard count == 0 || RAND_bytes(buffer.baseAddress, Int32(count)) == 1 else {
        preconditionFailure("no entropy")
      }
      written = count
    }
  }
}

/// Whether both are the same bytes, in time that depends on the lengths only.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && (left.isEmpty || CRYPTO_memcmp(left, right, left.count) == 0)
}

/// Overwrites secrets that are no longer needed, in a way the optimiser keeps.
func wipe(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
  bytes = []
}
