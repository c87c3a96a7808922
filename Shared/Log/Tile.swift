/// Which tile (c2sp.org/tlog-tiles): the `index`-th run of 256 hashes at `level`, each the hash of a
/// full subtree of 256^level leaves.
package struct TileCoordinate: Hashable, Sendable {
  /// Hashes of a full tile.
  package static let width = 256
  /// The height in the tree that one level of tiles spans.
  package static let height = 8

  package let level: Int
  package let index: Int

  package init(level: Int, index: Int) {
    self.level = level
    self.index = index
  }

  /// How many hashes the tile has in a log of `size` entries: 0 to 256.
  package func width(inLogOf size: Int) -> Int {
    let hashes = size >> (Self.height * level)
    return min(max(hashes - index * Self.width, 0), Self.width)
  }
}

extension TileCoordinate: CustomStringConvertible {
  /// LEVEL/INDEX.
  package var description: String { "\(level)/\(index)" }
}

/// The path of a tile or entry bundle below a log's URL: `tile/<L>/<N>[.p/<W>]` or
/// `tile/entries/<N>[.p/<W>]`.
package struct TilePath: Hashable, Sendable {
  /// What the path leads to.
  package enum Content: Hashable, Sendable {
    case hashes(level: Int)
    case entries
  }

  package let content: Content
  package let index: Int
  /// Hashes or entries: 256, or 1 to 255 for a partial one.
  package let width: Int

  package init(_ content: Content, index: Int, width: Int = TileCoordinate.width) {
    self.content = content
    self.index = index
    self.width = width
  }

  /// Reads a path; nil for anything but the one form that `description` writes.
  package init?(_ text: String) {
    var parts = text.split(separator: "/", omittingEmptySubsequences: false)[...]
    guard parts.popFirst() == "tile", let kind = parts.popFirst() else { return nil }
    if kind == "entries" {
      content = .entries
    } else {
      guard let level = Decimal.parse(kind.utf8), level < 64 else { return nil }
      content = .hashes(level: level)
    }
    var width = TileCoordinate.width
    if let marked = parts.dropLast().last, marked.hasSuffix(".p"), let count = parts.popLast() {
      guard let partial = Decimal.parse(count.utf8), (1..<width).contains(partial) else {
        return nil
      }
      width = partial
      parts[parts.endIndex - 1] = marked.dropLast(2)
    }
    let digits = parts.map { $0.drop { $0 == "x" } }.joined().drop { $0 == "0" }
    guard !parts.isEmpty, let index = digits.isEmpty ? 0 : Decimal.parse(digits.utf8) else {
      return nil
    }
    self.index = index
    self.width = width
    guard description.utf8.elementsEqual(text.utf8) else { return nil }
  }
}

extension TilePath: CustomStringConvertible {
  package var description: String {
    let kind =
      switch content {
      case .hashes(let level): String(level)
      case .entries: "entries"
      }
    var groups: [String] = []
    var rest = index
    repeat {
      let digits = String(rest % 1_000)
      let group = String(repeating: "0", count: 3 - digits.count) + digits
      groups.append(groups.isEmpty ? group : "x" + group)
      rest /= 1_000
    } while rest > 0
    let partial = width == TileCoordinate.width ? "" : ".p/\(width)"
    return "tile/\(kind)/\(groups.reversed().joined(separator: "/"))\(partial)"
  }
}
