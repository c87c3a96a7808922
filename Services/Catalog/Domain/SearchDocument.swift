package import Model

/// The words by which a product is found.
package struct SearchDocument: Sendable, Hashable {
  /// The title in both languages.
  package let title: String
  /// Everything else that is said about the product.
  package let text: String

  package init(_ description: CatalogV1.ProductDescription) {
    title = [description.title.vi, description.title.en].joined(separator: "\n")
    let about = [
      description.description.vi, description.description.en, description.spatialCoverage,
    ]
    text = (about + description.keywords + description.themes).joined(separator: "\n")
  }
}
