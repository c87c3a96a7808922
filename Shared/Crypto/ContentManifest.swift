package import Model

/// The canonical manifest of a revision's content. Catalog, connector and consumer compute its
/// digest alike, so that one SHA-256 stands for all files together.
package enum ContentManifest {
  /// One file: where it lies below the root of the revision, and what its bytes are.
  package struct Entry: Sendable, Hashable {
    package let path: String
    package let sizeBytes: Int64
    package let sha256: Digest

    package init(path: String, sizeBytes: Int64, sha256: Digest) {
      self.path = path
      self.sizeBytes = sizeBytes
      self.sha256 = sha256
    }
  }

  /// One line per file, `<sha256 hex>  <size>  <path>\n`, in order of the paths' UTF-8 bytes whatever
  /// the order given. Paths hold no control characters: catalog refuses them.
  package static func text(of entries: some Sequence<Entry>) -> String {
    entries
      .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
      .map { "\($0.sha256.hex)  \($0.sizeBytes)  \($0.path)\n" }
      .joined()
  }

  /// SHA-256 of `text(of:)`.
  package static func digest(of entries: some Sequence<Entry>) -> Digest {
    .sha256(of: text(of: entries))
  }
}
