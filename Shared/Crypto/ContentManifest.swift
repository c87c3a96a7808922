package import Model

extension ContentManifest {
  /// SHA-256 of the canonical text: what a revision is known by.
  package var sha256: Digest { .sha256(of: canonicalText) }
}
