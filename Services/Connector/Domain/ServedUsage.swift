package import Model

/// What one fetch used of an order that is paid by usage: a call, the bytes that were sent, and the rows that ended in them.
package struct ServedUsage: Sendable, Hashable {
  package let orderID: OrderID
  package private(set) var bytes: Int64
  package private(set) var rows: Int64
  /// Whether the file has rows at all.
  private let hasRows: Bool
  private var isLineOpen = false

  /// - Parameter mediaType: of the file. One row is one line of text/csv, text/tab-separated-values (a heading line
  ///   is one too) or of newline-delimited JSON; other files have no rows.
  package init(orderID: OrderID, mediaType: String, bytes: Int64 = 0, rows: Int64 = 0) {
    self.orderID = orderID
    self.bytes = bytes
    self.rows = rows
    let type = mediaType.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    hasRows = [
      "text/csv", "text/tab-separated-values", "application/x-ndjson", "application/jsonl",
    ].contains(type)
  }

  /// Counts what is about to be sent.
  /// - Parameter isEnd: whether the file ends with it: then its last line counts without a line break too.
  package mutating func add(_ data: [UInt8], isEnd: Bool) {
    bytes += Int64(data.count)
    guard hasRows, let last = data.last else { return }
    rows += Int64(data.count { $0 == 0x0A })
    isLineOpen = last != 0x0A
    if isEnd, isLineOpen { rows += 1 }
  }
}
