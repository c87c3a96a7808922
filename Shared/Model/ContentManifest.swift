/// The canonical description of the content of a revision. Its SHA-256 names the content: catalog
/// computes it when a revision is published, the connector before it serves, the consumer from
/// what it received.
///
/// The form is a heading line `ndx-manifest-v1` and then, for each file in order of the bytes of its
/// path, `<SHA-256 in hexadecimal> <size in bytes> <path>` and a line feed. So a shell can make it
/// from `sha256sum` and `stat` alone. Paths hold no control characters (STRING_FORMAT_RELATIVE_PATH).
package struct ContentManifest: Sendable, Hashable {
  /// One file of the content.
  package struct File: Sendable, Hashable {
    package let path: String
    package let sizeBytes: Int64
    package let sha256: Digest

    package init(path: String, sizeBytes: Int64, sha256: Digest) {
      self.path = path
      self.sizeBytes = sizeBytes
      self.sha256 = sha256
    }
  }

  /// In canonical order.
  package let files: [File]

  package init(_ files: some Sequence<File>) {
    self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// What is hashed.
  package var canonicalText: String {
    files.reduce(into: "ndx-manifest-v1\n") { text, file in
      text += "\(file.sha256.hex) \(file.sizeBytes) \(file.path)\n"
    }
  }

  /// Bytes of all files together.
  package var sizeBytes: Int64 { files.reduce(0) { $0 + $1.sizeBytes } }
}
