import CatalogDomain
import CatalogStore
import Model
import Testing

@Suite struct SearchIndexTests {
  @Test func accentsAreOptionalForTheSearcher() async throws {
    let catalog = try CatalogDatabase()
    try await catalog.list("Danh mục đơn vị hành chính Việt Nam", "Giá đất theo khu vực")
    #expect(
      try await catalog.titles("don vi hanh chinh") == ["Danh mục đơn vị hành chính Việt Nam"])
    #expect(try await catalog.titles("ĐƠN VỊ") == ["Danh mục đơn vị hành chính Việt Nam"])
    #expect(try await catalog.titles("dat") == ["Giá đất theo khu vực"])
  }

  @Test func composedAndDecomposedTextAreTheSame() async throws {
    let catalog = try CatalogDatabase()
    try await catalog.list("Sử dụng đất đai".decomposed)
    for query in ["đất đai", "đất đai".decomposed, "dat dai", "ĐẤT ĐAI"] {
      #expect(try await catalog.titles(query).count == 1, "\(query)")
    }
  }

  @Test(arguments: [
    ("ma", ["ma", "mà", "má", "mả"]), ("má", ["má", "ma", "mà", "mả"]),
    ("mà", ["mà", "ma", "má", "mả"]), ("mả", ["mả", "ma", "mà", "má"]),
  ])
  func theWordAsWrittenRanksFirst(_ query: String, _ expected: [String]) async throws {
    let catalog = try CatalogDatabase()
    try await catalog.list("ma", "mà", "má", "mả")
    #expect(try await catalog.titles(query) == expected)
  }

  @Test func exactAccentsOutrankEvenABetterPlace() async throws {
    let catalog = try CatalogDatabase()
    try await catalog.list("Bán đất", about: "bán đất bán đất")
    try await catalog.list("Thống kê", about: "bản dạt vào bờ rồi mới nói đến chuyện khác")
    #expect(try await catalog.titles("bản dạt") == ["Thống kê", "Bán đất"])
  }

  @Test func wordsNextToEachOtherOutrankScatteredOnes() async throws {
    let catalog = try CatalogDatabase()
    try await catalog.list(
      "Đơn giá và vị trí hành lang tài chính", "Bảng mã đơn vị hành chính các cấp năm 2025")
    #expect(
      try await catalog.titles("don vi hanh chinh") == [
        "Bảng mã đơn vị hành chính các cấp năm 2025", "Đơn giá và vị trí hành lang tài chính",
      ])
  }

  @Test func titlesCountMoreThanDescriptions() async throws {
    let catalog = try CatalogDatabase()
    try await catalog.list("Báo cáo", about: "có nhắc đến dân số một lần trong phần mô tả")
    try await catalog.list("Dân số", about: "tổng điều tra")
    #expect(try await catalog.titles("dân số") == ["Dân số", "Báo cáo"])
  }

  @Test func everyWordMustOccur() async throws {
    let catalog = try CatalogDatabase()
    try await catalog.list("Giá đất", "Giá điện")
    #expect(try await catalog.titles("giá đất") == ["Giá đất"])
    #expect(try await catalog.titles("giá nước").isEmpty)
  }

  @Test(arguments: [
    "\" OR \"1\"=\"1", "title_exact:giá", "giá*", "NEAR(giá đất)", "giá AND", "giá' --", "{giá}",
    "giá OR không", "^giá",
  ])
  func theQueryLanguageIsOutOfReach(_ query: String) async throws {
    let catalog = try CatalogDatabase()
    try await catalog.list("Giá cả", "Mưa")
    let found = try await catalog.titles(query)
    #expect(found.isEmpty || found == ["Giá cả"])
  }

  @Test func pagesNeitherRepeatNorSkip() async throws {
    let catalog = try CatalogDatabase()
    for index in 0..<25 { try await catalog.list("Dữ liệu số \(index % 3)") }
    var seen: [String] = []
    for offset in stride(from: 0, to: 25, by: 4) {
      seen += try await catalog.titles("du lieu", offset: offset, limit: 4)
    }
    let whole = try await catalog.titles("du lieu")
    #expect(seen == whole)
    #expect(seen.count == 25)
  }

  @Test func onlyListedProductsAreFound() async throws {
    let catalog = try CatalogDatabase()
    let listed = Sample.product(.listed, description: Sample.description(title: "Thời tiết"))
    try await catalog.write { try ProductTable($0).insert(listed) }
    #expect(try await catalog.titles("thoi tiet").count == 1)
    let suspended = try listed.moved(by: .suspend, at: Sample.later)
    try await catalog.write { try ProductTable($0).update(suspended) }
    #expect(try await catalog.titles("thoi tiet").isEmpty)
    let back = try suspended.moved(by: .reinstate, at: Sample.later)
    try await catalog.write { try ProductTable($0).update(back) }
    #expect(try await catalog.titles("thoi tiet").count == 1)
  }

  @Test func hitsAreNarrowedByClassPublisherAndEnvironment() async throws {
    let catalog = try CatalogDatabase()
    let open = Sample.product(.listed, description: Sample.description(title: "Rừng mở"))
    let other = Sample.product(
      .listed, description: Sample.description(title: "Rừng khác", dataClass: .other),
      environment: .sandbox)
    try await catalog.write { db in
      try ProductTable(db).insert(open)
      try ProductTable(db).insert(other)
    }
    #expect(try await catalog.titles("rừng").count == 2)
    #expect(try await catalog.titles("rừng", .init(dataClasses: [.other])) == ["Rừng khác"])
    #expect(try await catalog.titles("rừng", .init(environment: .live)) == ["Rừng mở"])
    #expect(try await catalog.titles("rừng", .init(publisherID: Sample.company)).isEmpty)
  }

  @Test func keywordsAndEnglishAreFoundToo() async throws {
    let catalog = try CatalogDatabase()
    let product = Sample.product(
      .listed,
      description: Sample.description(english: "Administrative units", keywords: ["địa giới"]))
    try await catalog.write { try ProductTable($0).insert(product) }
    #expect(try await catalog.titles("administrative").count == 1)
    #expect(try await catalog.titles("dia gioi").count == 1)
  }
}
