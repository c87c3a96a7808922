/// What is fuzzed. Each target reads bytes as somebody outside may send them and throws `BrokenLaw` when something
/// that must always hold does not; a crash, a leak or a wrong access is the sanitizer's to report.
/// `make fuzz` feeds it new inputs for minutes, `make test` the kept ones and mutants of them.
enum FuzzTarget: String, CaseIterable, Sendable {
  /// Protobuf of every message type: check, unpacking, values, encoding.
  case wire
  /// gRPC's length-prefixed messages in arbitrary pieces.
  case prefix
  /// Header and trailer fields and the small formats in them.
  case headers
  /// Tokens, key sets, certificates, signing requests.
  case tokens
  /// Notes, checkpoints, proofs, entries, tiles.
  case log
  /// Reports of banks: XML, and the messages of ISO 20022 in it.
  case report
  /// HTTP/2 frames to a whole connection of the server, inside TLS.
  case session

  func check(_ bytes: [UInt8]) throws {
    switch self {
    case .wire: try WireLaw.check(bytes)
    case .prefix: try PrefixLaw.check(bytes)
    case .headers: try HeadersLaw.check(bytes)
    case .tokens: try TokensLaw.check(bytes)
    case .log: try LogLaw.check(bytes)
    case .report: try ReportLaw.check(bytes)
    case .session: try SessionLaw.check(bytes)
    }
  }
}

/// Something that must hold for every input did not.
struct BrokenLaw: Error, CustomStringConvertible {
  let description: String
}

func require(_ holds: Bool, _ law: @autoclosure () -> String) throws {
  guard holds else { throw BrokenLaw(description: law()) }
}

func require<Value>(_ value: Value?, _ law: @autoclosure () -> String) throws -> Value {
  guard let value else { throw BrokenLaw(description: law()) }
  return value
}

/// Takes an input apart; what is missing at its end reads as zero.
struct FuzzInput {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }
  /// What is left, as text; bytes that are not UTF-8 are repaired.
  var text: String { String(decoding: rest, as: UTF8.self) }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func take(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}
