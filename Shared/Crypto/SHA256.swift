import COpenSSL
package import Model

/// SHA-256 (FIPS 180-4), fed piece by piece. A value: a copy continues on its own.
package struct SHA256: Sendable {
  private var context: OpenSSLObject

  package init() {
    context = Self.makeContext()
    guard EVP_DigestInit_ex2(context.pointer, Self.algorithm.pointer, nil) == 1 else {
      preconditionFailure("OpenSSL cannot start SHA-256")
    }
  }

  package mutating func update(_ bytes: some Collection<UInt8>) {
    if !isKnownUniquelyReferenced(&context) { context = Self.copy(of: context) }
    withBytes(of: bytes) { buffer in
      guard EVP_DigestUpdate(context.pointer, buffer.baseAddress, buffer.count) == 1 else {
        preconditionFailure("OpenSSL cannot continue SHA-256")
      }
    }
  }

  /// The digest of everything so far. The hasher may be fed further.
  package func finalize() -> Digest {
    let last = Self.copy(of: context)
    return Self.digest { EVP_DigestFinal_ex(last.pointer, $0, nil) }
  }

  /// Fetched once: a fetch per hash costs more than hashing a short message.
  private static let algorithm: OpenSSLObject = {
    do {
      return try OpenSSLObject(EVP_MD_fetch(nil, "SHA256", nil), "EVP_MD_fetch") { EVP_MD_free($0) }
    } catch {
      preconditionFailure("OpenSSL offers no SHA-256: \(error)")
    }
  }()

  private static func makeContext() -> OpenSSLObject {
    do {
      return try OpenSSLObject(EVP_MD_CTX_new(), "EVP_MD_CTX_new") { EVP_MD_CTX_free($0) }
    } catch {
      preconditionFailure("out of memory")
    }
  }

  private static func copy(of context: OpenSSLObject) -> OpenSSLObject {
    let copy = makeContext()
    guard EVP_MD_CTX_copy_ex(copy.pointer, context.pointer) == 1 else {
      preconditionFailure("out of memory")
    }
    return copy
  }

  fileprivate static func digest(_ fill: (UnsafeMutablePointer<UInt8>?) -> Int32) -> Digest {
    Digest { bytes in
      guard fill(bytes.assumingMemoryBound(to: UInt8.self).baseAddress) == 1 else {
        preconditionFailure("OpenSSL cannot hash")
      }
    }
  }

  fileprivate static func digest(of bytes: some Collection<UInt8>) -> Digest {
    withBytes(of: bytes) { digest(of: UnsafeRawBufferPointer($0)) }
  }

  fileprivate static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
    digest { EVP_Digest(bytes.baseAddress, bytes.count, $0, nil, algorithm.pointer, nil) }
  }
}

extension Digest {
  /// The SHA-256 digest of `bytes`.
  package static func sha256(of bytes: some Collection<UInt8>) -> Digest {
    SHA256.digest(of: bytes)
  }

  /// The SHA-256 digest of bytes where they are.
  package static func sha256(of bytes: UnsafeRawBufferPointer) -> Digest {
    SHA256.digest(of: bytes)
  }

  /// The SHA-256 digest of the text's UTF-8.
  package static func sha256(of text: String) -> Digest { sha256(of: text.utf8) }
}
