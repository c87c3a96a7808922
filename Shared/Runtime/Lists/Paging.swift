package import Model

/// One page asked for (AIP-158): how many items, and after which.
package struct PageQuery: Sendable, Hashable {
  /// Most items of the page.
  package let size: Int
  /// The key of the last item of the page before; nil for the first page.
  package let after: [UInt8]?
  private let scope: UInt32

  /// How many items to read: one more than the page holds, to know whether there is another page.
  package var fetchCount: Int { size + 1 }

  /// - Parameters:
  ///   - scope: everything else the request asks for (filters, subject); a token only continues the
  ///     list that it came from.
  /// - Throws: `InvalidArgument` for a negative size or a token that is not one of ours. Sizes above
  ///   the maximum are lowered to it.
  package init(
    _ request: some PagedRequest, scope: [String] = [], limits: PageLimits = .standard
  ) throws(InvalidArgument) {
    let size = Int(request.pageSize)
    guard size >= 0 else {
      throw InvalidArgument(
        field: "page_size", rule: "integer.gte",
        text: Text(vi: "không được là số âm", en: "must not be negative"))
    }
    self.size = size == 0 ? limits.defaultSize : min(size, limits.maximumSize)
    self.scope = PageToken.check(scope)
    after =
      request.pageToken.isEmpty ? nil : try PageToken.key(of: request.pageToken, scope: self.scope)
  }

  /// Cuts what was fetched to the page and makes the token of the next one, empty if there is none.
  package func page<Item>(
    _ fetched: [Item], key: (Item) -> [UInt8]
  ) -> (items: [Item], nextPageToken: String) {
    guard fetched.count > size, size > 0 else { return (fetched, "") }
    let items = Array(fetched.prefix(size))
    return (items, PageToken.text(key: key(items[size - 1]), scope: scope))
  }

  /// As `page`, cut further to the items that fit into one message: as many as stay within
  /// `maximumBytes` together, and at least one.
  package func page<Item>(
    _ fetched: [Item], within maximumBytes: Int, bytes: (Item) -> Int, key: (Item) -> [UInt8]
  ) -> (items: [Item], nextPageToken: String) {
    var total = 0
    let fitting = fetched.prefix(size).prefix { item in
      total += bytes(item)
      return total <= maximumBytes
    }
    let count = max(1, fitting.count)
    guard fetched.count > count else { return (fetched, "") }
    return (
      Array(fetched.prefix(count)), PageToken.text(key: key(fetched[count - 1]), scope: scope)
    )
  }
}
