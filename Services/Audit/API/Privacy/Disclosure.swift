import AuditDomain
import AuditStore
import Crypto
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  /// The kind of the entries that tell who has read details.
  static let readKind = "details.read"

  /// Notes in the log that the caller is about to read the details of these entries, and returns once that is on disk.
  /// Whoever reads only what is about themselves needs no note, nor does the reading of notes.
  func noteReading(
    of entries: [AuditV1.Entry], by reader: LogReader, _ context: CallContext
  ) async throws {
    let read = entries.filter { !$0.payloadSalt.isEmpty && $0.kind != Self.readKind }
      .map(\.index)
    guard case .unrestricted = reader, !read.isEmpty else { return }
    let now = clock.now()
    try await database.write { [self] db in
      _ = try appendOwn(
        Self.readKind, payload: ["entries": .string(Self.ranges(read))], of: context, at: now, db)
    }
  }

  /// Ascending indexes in short: `0-2,5`.
  static func ranges(_ indexes: [Int64]) -> String {
    var ranges: [ClosedRange<Int64>] = []
    for index in indexes {
      if let last = ranges.last, last.upperBound + 1 == index {
        ranges[ranges.count - 1] = last.lowerBound...index
      } else {
        ranges.append(index...index)
      }
    }
    return ranges.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }.joined(separator: ",")
  }
}
