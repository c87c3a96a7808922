import AuditDomain
import GRDB
import Model
import TransparencyLog

/// Whether the times that lists are narrowed by are those of the entries.
struct SpanInspection {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// Of the entries of one span, as far as the log goes; the first is at `start`.
  func faults(of entries: [InspectedEntry], from start: Int) throws -> [LogFault] {
    let times = entries.compactMap(\.trustedBody?.time.microseconds)
    // With an entry whose time is lost nobody can say.
    guard times.count == entries.count, let earliest = times.min(), let latest = times.max() else {
      return []
    }
    let span = start / SpanTable.width
    return try SpanTable(db).times(of: span) == earliest...latest ? [] : [Self.fault(span)]
  }

  /// Spans that a log of `size` entries does not have.
  func surplus(beyond size: Int) throws -> [LogFault] {
    let spans = (size + SpanTable.width - 1) / SpanTable.width
    return try Int.fetchAll(
      db, sql: "SELECT n FROM span WHERE n >= ? OR n < 0 LIMIT 100", arguments: [spans]
    ).map { Self.fault($0) }
  }

  private static func fault(_ span: Int) -> LogFault {
    LogFault(
      .database, "",
      Text(
        vi: "khoảng thời gian \(span) không phải của các mục trong đó",
        en: "span \(span) has other times than its entries"))
  }
}
