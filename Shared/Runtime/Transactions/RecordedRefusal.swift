import Crypto
import Model
import RPC

/// A refusal as it is kept, in both languages, to be given again word for word.
struct RecordedRefusal: Sendable, Hashable {
  let status: StatusCode
  let domain: String
  let reason: String
  let text: Text
  let metadata: [String: String]
  let violations: [FieldViolation]

  init(_ error: any DomainError) {
    status = error.status
    domain = type(of: error).domain
    reason = error.reason
    text = error.text
    metadata = error.metadata
    violations = error.violations
  }

  var bytes: [UInt8] {
    let violations = violations.map { violation in
      JSON.object([
        "field": .string(violation.field), "rule": .string(violation.rule),
        "vi": .string(violation.text.vi), "en": .string(violation.text.en),
      ])
    }
    let value = JSON.object([
      "status": .integer(Int64(status.rawValue)), "domain": .string(domain),
      "reason": .string(reason), "vi": .string(text.vi), "en": .string(text.en),
      "metadata": .object(metadata.mapValues(JSON.string)), "violations": .array(violations),
    ])
    return Array(value.text.utf8)
  }

  init(_ bytes: [UInt8]) throws {
    let value = try JSON(parsing: bytes)
    func string(_ name: String, of value: JSON) throws -> String {
      guard let text = value[name]?.string else { throw CryptoError.malformed("recorded refusal") }
      return text
    }
    guard let status = value["status"]?.integer.flatMap({ StatusCode(rawValue: Int($0)) }),
      case .object(let metadata)? = value["metadata"]
    else { throw CryptoError.malformed("recorded refusal") }
    self.status = status
    domain = try string("domain", of: value)
    reason = try string("reason", of: value)
    text = Text(vi: try string("vi", of: value), en: try string("en", of: value))
    self.metadata = metadata.compactMapValues(\.string)
    violations = try (value["violations"]?.array ?? []).map { item in
      FieldViolation(
        field: try string("field", of: item), rule: try string("rule", of: item),
        text: Text(vi: try string("vi", of: item), en: try string("en", of: item)))
    }
  }

  /// As the first caller got it, in the language of this one.
  func status(in language: Language) -> RPCStatus {
    RPCStatus(
      code: status, message: text.en,
      details: ErrorDetails(
        reason: reason, domain: domain, metadata: metadata, violations: violations,
        localizedMessage: text[language], language: language))
  }
}
