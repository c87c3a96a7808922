import Model

@testable import RPC

/// Lines of `name: value`: fields of a request, fields of a response, and every value by itself in each small format.
enum HeadersLaw {
  private struct Field {
    let name: [UInt8]
    let value: [UInt8]
  }

  private static let configuration: RPCServerConfiguration = {
    var configuration = RPCServerConfiguration()
    configuration.maximumHeaderListBytes = 1024
    return configuration
  }()

  private static let methods = MethodTable(
    HealthService(registry: HealthRegistry(services: [])).methods)

  static func check(_ bytes: [UInt8]) throws {
    let fields = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .prefix(64).map(field)
    try request(fields)
    response(fields)
    for field in fields {
      try SmallFormats.check(field.value)
      try SmallFormats.check(field.name + field.value)
    }
  }

  /// A pseudo-header's colon belongs to its name.
  private static func field(_ line: ArraySlice<UInt8>) -> Field {
    guard let colon = line.dropFirst().firstIndex(of: UInt8(ascii: ":")) else {
      return Field(name: Array(line), value: [])
    }
    let value = line[(colon + 1)...]
    return Field(
      name: Array(line[..<colon]),
      value: Array(value.first == UInt8(ascii: " ") ? value.dropFirst() : value))
  }

  private static func request(_ fields: [Field]) throws {
    let limit = configuration.maximumHeaderListBytes
    let head = RequestHead(limit: limit, methods: methods)
    var bytes = 0
    for field in fields {
      bytes += field.name.count + field.value.count + 32
      field.name.withUnsafeBytes { name in
        field.value.withUnsafeBytes {
          _ = head.add(name: name, value: $0)
        }
      }
    }
    try require(head.bytes == bytes, "header bytes are counted wrongly")
    let kept = head.metadata.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    try require(kept <= limit, "more metadata is kept than may be")
    try passOn(head.metadata)
    if bytes > limit {
      try require(head.refusal != nil, "too many header bytes are accepted")
    }
  }

  /// What a caller sent may be sent on, but for bytes that are not base64.
  private static func passOn(_ received: Metadata) throws {
    var passed = Metadata()
    for field in received.fields where !received.binary(field.name).contains(nil) {
      passed.add(field.name, field.value)
    }
    for field in received.fields where !field.name.hasSuffix("-bin") {
      passed.add(field.name, field.value)
    }
    try require((try? MetadataRule.check(passed)) != nil, "received metadata must not be sent on")
  }

  private static func response(_ fields: [Field]) {
    var response = ResponseFields()
    for field in fields {
      field.name.withUnsafeBytes { name in
        field.value.withUnsafeBytes { response.add(name: name, value: $0) }
      }
    }
    response.endBlock(isLast: false)
    response.endBlock(isLast: true)
    _ = (response.status, response.refusal(isLast: true), response.refusal(isLast: false))
  }
}
