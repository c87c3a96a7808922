import COpenSSL

/// The names of a certificate (RFC 5280 §4.2.1.6); the subject is never used.
struct SubjectAlternativeName: Sendable, Hashable {
  var uris: [String] = []
  var dnsNames: [String] = []
  /// Addresses in network order: 4 or 16 bytes each.
  var addresses: [[UInt8]] = []

  /// One URI, and hosts sorted into DNS names and addresses.
  /// Throws `CryptoError.malformed` for a host that is neither.
  init(uri: String, hosts: [String]) throws {
    uris = [uri]
    for host in hosts {
      if let address = HostName.address(host) {
        addresses.append(address)
      } else if HostName.isDNSName(host) {
        dnsNames.append(host.lowercased())
      } else {
        throw CryptoError.malformed("host name")
      }
    }
  }

  init(certificate: OpaquePointer) throws {
    var critical: Int32 = 0
    guard let raw = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nil) else {
      ERR_clear_error()
      guard critical == -1 else { throw CryptoError.malformed("subject alternative name") }
      return
    }
    let names = OpaquePointer(raw)
    defer { GENERAL_NAMES_free(names) }
    for index in 0..<OPENSSL_sk_num(names) {
      let name = OPENSSL_sk_value(names, index)?.assumingMemoryBound(to: GENERAL_NAME.self)
      var kind: Int32 = 0
      guard let value = GENERAL_NAME_get0_value(name, &kind) else { continue }
      let bytes = ASN1.bytes(ASN1.String(value.assumingMemoryBound(to: ASN1_STRING.self)))
      switch kind {
      case GEN_URI: uris.append(try Self.text(bytes))
      case GEN_DNS: dnsNames.append(try Self.text(bytes))
      case GEN_IPADD: addresses.append(bytes)
      default: continue
      }
    }
  }

  /// Names are IA5 strings of visible characters: a NUL inside must not shorten one.
  private static func text(_ bytes: [UInt8]) throws -> String {
    guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw CryptoError.malformed("subject alternative name")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func add(to certificate: OpaquePointer) throws {
    let names = try OpenSSLObject(OPENSSL_sk_new_null(), "GENERAL_NAMES") { GENERAL_NAMES_free($0) }
    for uri in uris { try append(GEN_URI, V_ASN1_IA5STRING, Array(uri.utf8), to: names.pointer) }
    for name in dnsNames {
      try append(GEN_DNS, V_ASN1_IA5STRING, Array(name.utf8), to: names.pointer)
    }
    for address in addresses {
      try append(GEN_IPADD, V_ASN1_OCTET_STRING, address, to: names.pointer)
    }
    // Critical because the subject is empty.
    try OpenSSLObject.check(
      X509_add1_ext_i2d(
        certificate, NID_subject_alt_name, UnsafeMutableRawPointer(names.pointer), 1,
        UInt(X509V3_ADD_DEFAULT)), "X509_add1_ext_i2d")
  }

  private func append(
    _ kind: Int32, _ type: Int32, _ bytes: [UInt8], to names: OpaquePointer
  ) throws {
    let value = ASN1_STRING_type_new(type)
    guard let value, ASN1_STRING_set(value, bytes, Int32(bytes.count)) == 1,
      let name = GENERAL_NAME_new()
    else {
      ASN1_STRING_free(value)
      throw OpenSSLObject.failure(of: "GENERAL_NAME_new")
    }
    GENERAL_NAME_set0_value(name, kind, value)
    guard OPENSSL_sk_push(names, name) > 0 else {
      GENERAL_NAME_free(name)
      throw OpenSSLObject.failure(of: "OPENSSL_sk_push")
    }
  }
}

/// What may stand as a host in a certificate.
package enum HostName {
  /// Whether the text is an IPv4 or IPv6 address or a DNS name.
  package static func isValid(_ host: String) -> Bool {
    address(host) != nil || isDNSName(host)
  }

  static func address(_ text: String) -> [UInt8]? {
    defer { ERR_clear_error() }
    guard let octets = a2i_IPADDRESS(text) else { return nil }
    defer { ASN1_STRING_free(octets) }
    return ASN1.bytes(ASN1.String(octets))
  }

  /// Letters, digits and inner hyphens in labels of 1 to 63, 253 in all; no wildcards.
  static func isDNSName(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 253 else { return false }
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.allSatisfy { label in
      (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
        && label.last != UInt8(ascii: "-")
        && label.allSatisfy {
          (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D
        }
    } && !(labels.last.map { $0.allSatisfy { (0x30...0x39).contains($0) } } ?? true)
  }
}
