import CatalogDomain
import Crypto
import Model
import Testing

@Suite struct RevisionTests {
  private let product = Sample.product()

  private func publish(_ files: [CatalogV1.ContentFile], _ columns: [String] = []) throws
    -> Revision
  {
    try Revision.publish(
      CatalogV1.PublishRevisionRequest(
        requestID: .make(at: Sample.now), productID: product.id, files: files,
        columns: columns.map { CatalogV1.Column(name: $0, dataType: "string") },
        connectorAddress: "127.0.0.1:7500"),
      of: product, after: 4, at: Sample.now)
  }

  private func violation(_ files: [CatalogV1.ContentFile], _ columns: [String] = []) -> String? {
    do {
      _ = try publish(files, columns)
      return nil
    } catch let error as InvalidArgument {
      return error.violations.first.map { "\($0.field) \($0.rule)" }
    } catch { return "\(error)" }
  }

  @Test func filesAreOrderedSummedAndHashedAsOneManifest() throws {
    let revision = try publish([
      Sample.file("b.csv", size: 5), Sample.file("a/z.csv", size: 7), Sample.file("B.csv", size: 1),
    ])
    #expect(revision.files.map(\.path) == ["B.csv", "a/z.csv", "b.csv"])
    #expect(revision.sizeBytes == 13)
    #expect(revision.rows == 3)
    #expect(revision.number == 5)
    let manifest = ContentManifest(revision.files.map { ContentManifest.File($0) })
    #expect(revision.manifestSHA256 == Digest.sha256(of: manifest.canonicalText))
  }

  @Test func pathsAreUniqueAndDoNotNest() {
    #expect(violation([Sample.file("a"), Sample.file("a")]) == "files[1].path unique")
    #expect(violation([Sample.file("a/b"), Sample.file("a")]) == "files[0].path unique")
    #expect(violation([Sample.file("a\nb")]) == "files[0].path string.format")
    #expect(violation([Sample.file("a"), Sample.file("ab"), Sample.file("c/a")]) == nil)
  }

  @Test func columnsAreUnique() {
    #expect(violation([Sample.file("a")], ["ma", "ma"]) == "columns[1].name unique")
    #expect(violation([Sample.file("a")], ["ma", "má"]) == nil)
    #expect(violation([Sample.file("a")], ["má", "má".decomposed]) == "columns[1].name unique")
  }

  @Test func totalsStayWithin64Bits() {
    #expect(
      violation([Sample.file("a", size: .max), Sample.file("b", size: 1)])
        == "files[1].size_bytes integer.lte")
  }

  @Test func nothingIsPublishedUnderAReviewersEyes() {
    for state in [CatalogV1.ProductState.submitted, .inReview, .rejected, .delisted] {
      #expect(throws: CatalogError.productStateForbids(state, .publishRevision)) {
        try Sample.revision(of: Sample.product(state))
      }
    }
  }
}
