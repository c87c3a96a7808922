package import Model

/// Something stored that does not fit with the rest, or with what was signed.
package struct LogFault: Sendable, Hashable {
  package let part: AuditV1.LogPart
  /// Which one: an index, LEVEL/N of a tile, the size of a checkpoint, a producer.
  package let key: String
  package let text: Text

  package init(_ part: AuditV1.LogPart, _ key: some CustomStringConvertible, _ text: Text) {
    self.part = part
    self.key = key.description
    self.text = text
  }

  /// Its bytes are not those that were hashed, signed or sealed.
  package static func altered(
    _ part: AuditV1.LogPart, _ key: some CustomStringConvertible
  ) -> LogFault {
    LogFault(part, key, Text(vi: "đã bị thay đổi", en: "is altered"))
  }

  /// It must be there and is not.
  package static func missing(
    _ part: AuditV1.LogPart, _ key: some CustomStringConvertible
  ) -> LogFault {
    LogFault(part, key, Text(vi: "bị thiếu", en: "is missing"))
  }

  /// It is there and must not be.
  package static func surplus(
    _ part: AuditV1.LogPart, _ key: some CustomStringConvertible
  ) -> LogFault {
    LogFault(part, key, Text(vi: "không thuộc nhật ký", en: "does not belong to the log"))
  }
}
