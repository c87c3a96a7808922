import Testing

@testable import Codec
@testable import Model

/// Every rule of `ndx/rules/v1/rules.proto`: what it refuses, and what it lets through.
@Suite struct RuleTests {
  private typealias Strict = CodectestV1.Strict
  private let valid = Strict(
    requestID: .init(high: 1, low: 2), text: "abc", count: 3, shade: .light,
    price: Money(currency: .vnd, minorUnits: 5), names: ["a", "b"],
    split: [.init(beneficiary: .provider, weight: 1)])

  private func violation(_ bytes: [UInt8]) -> FieldViolation? {
    do {
      _ = try Strict.decode(bytes)
      return nil
    } catch let error as InvalidArgument {
      return error.violations.first
    } catch {
      Issue.record("unexpected \(error)")
      return nil
    }
  }

  /// The violation after `change`, which encoding does not check.
  private func violation(_ change: (inout CodectestV1.Strict) -> Void) -> FieldViolation? {
    var message = valid
    change(&message)
    return violation(message.serialized())
  }

  /// The violation when `field` is added, or replaces what came before it.
  private func violation(adding field: [UInt8]) -> FieldViolation? {
    violation(valid.serialized() + field)
  }

  private func expect(
    _ violation: FieldViolation?, _ rule: String, at field: String,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(violation?.rule == rule, sourceLocation: location)
    #expect(violation?.field == field, sourceLocation: location)
    #expect(violation?.text.vi.isEmpty == false, sourceLocation: location)
    #expect(violation?.text.en.isEmpty == false, sourceLocation: location)
  }

  @Test func validMessageIsAccepted() throws {
    #expect(try Strict.decode(valid.serialized()) == valid)
  }

  @Test func requiredFieldsMustBeSet() {
    expect(violation([]), "required", at: "request_id")
    expect(violation { $0.text = "" }, "required", at: "text")
    expect(violation { $0.count = 0 }, "required", at: "count")
    expect(violation { $0.shade = .unspecified }, "required", at: "shade")
    expect(violation { $0.split = [] }, "required", at: "split")
    let without = valid.serialized()
    let price = Encoded.bytes(15, Encoded.bytes(1, Array("VND".utf8)) + [0x10, 5])
    let start = without.indices.first { without[$0...].starts(with: price) } ?? 0
    expect(
      violation(Array(without[..<start] + without[(start + price.count)...])), "required",
      at: "price")
  }

  @Test(arguments: [
    "x", "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000AB",
    "0000000000000000-0000-0000-000000000000", "{0000000-0000-0000-0000-000000000000",
  ]) func identifiersAreCanonical(text: String) {
    let utf8 = Array(text.utf8)
    expect(violation(adding: Encoded.bytes(1, utf8)), "string.uuid", at: "request_id")
    expect(violation(adding: Encoded.bytes(22, utf8)), "string.uuid", at: "offer_ids[0]")
  }

  @Test func listedIdentifiersMustNotBeEmpty() {
    expect(violation(adding: Encoded.bytes(22, [])), "required", at: "offer_ids[0]")
  }

  @Test func textLengthIsCountedInScalars() {
    expect(violation { $0.text = "a" }, "string.min_len", at: "text")
    expect(violation { $0.text = "abcdef" }, "string.max_len", at: "text")
    #expect(violation { $0.text = "đường" } == nil)
    expect(violation { $0.text = "đườngs" }, "string.max_len", at: "text")
    expect(violation { $0.text = String(repeating: "a", count: 100) }, "string.max_len", at: "text")
    #expect(violation { $0.text = "e\u{302}\u{309}n" } == nil)
  }

  @Test func currencyIsOfISO4217() {
    #expect(violation { $0.currency = "JPY" } == nil)
    for code in ["XXX", "vnd", "VN", "VNDD", "ANG"] {
      expect(violation { $0.currency = code }, "string.currency", at: "currency")
    }
    expect(
      violation(adding: Encoded.bytes(15, Encoded.bytes(1, Array("ZZZ".utf8)))), "string.currency",
      at: "price.currency_code")
  }

  @Test func countryIsOfISO3166() {
    #expect(violation { $0.country = "VN" } == nil)
    for code in ["XX", "vn", "V", "VNM"] {
      expect(violation { $0.country = code }, "string.country", at: "country")
    }
  }

  @Test func nameHasOnlyItsCharacters() {
    for name in ["a", "9", "A.b-c_d"] { #expect(violation { $0.name = name } == nil) }
    for name in [".a", "-a", "_a", "a b", "a/b", "đ"] {
      expect(violation { $0.name = name }, "string.name", at: "name")
    }
  }

  @Test func addressIsHostAndPort() {
    for address in ["localhost:1", "a-b.example:65535", "127.0.0.1:80", "[::1]:443"] {
      #expect(violation { $0.address = address } == nil)
    }
    for address in [
      "localhost", "localhost:", ":80", "localhost:0", "localhost:65536", "::1:443", "[::1]",
      "a b:1",
      "a..b:1", "localhost:+1", "[]:1", "http://a:1",
    ] {
      expect(violation { $0.address = address }, "string.host_and_port", at: "address")
    }
  }

  @Test func pathStaysBelow() {
    for path in ["a", "a/b.csv", "tỉnh/x"] { #expect(violation { $0.path = path } == nil) }
    for path in ["/a", "a/", "a//b", "..", "a/../b", ".", "a/./b", "a\nb", "../\u{301}"] {
      expect(violation { $0.path = path }, "string.relative_path", at: "path")
    }
  }

  @Test func lineHasNoControlCharacters() {
    #expect(violation { $0.line = "Đất đai – 2 000 ₫" } == nil)
    for line in ["a\nb", "a\tb", "a\u{7F}", "a\u{85}b", "a\u{2028}b"] {
      expect(violation { $0.line = line }, "string.line", at: "line")
    }
  }

  @Test func bytesHaveTheirLength() {
    expect(
      violation(adding: Encoded.bytes(9, [UInt8](repeating: 1, count: 31))), "bytes.len",
      at: "digest")
    expect(violation { $0.key = [1, 2] }, "bytes.len", at: "key")
    #expect(violation { $0.key = [1, 2, 3, 4, 5, 6, 7, 8] } == nil)
    expect(violation { $0.blob = [1, 2, 3, 4, 5] }, "bytes.max_len", at: "blob")
  }

  @Test func integersStayInRange() {
    expect(violation { $0.count = -1 }, "integer.gte", at: "count")
    expect(violation { $0.count = 11 }, "integer.lte", at: "count")
    #expect(violation { $0.count = 10 } == nil)
    expect(violation { $0.balance = -6 }, "integer.gte", at: "balance")
    #expect(violation { $0.balance = .max } == nil)
  }

  @Test func undefinedValuesAreRefusedWhereSaid() {
    expect(violation { $0.shade = .unrecognized(77) }, "enum.defined_only", at: "shade")
  }

  @Test func listsAndMapsHaveTheirCounts() {
    expect(violation { $0.names = [] }, "repeated.min_items", at: "names")
    expect(violation { $0.names = ["a"] }, "repeated.min_items", at: "names")
    expect(violation { $0.names = ["a", "b", "c", "d"] }, "repeated.max_items", at: "names")
    expect(
      violation { $0.labels = ["a": "", "b": "", "c": ""] }, "repeated.max_items", at: "labels")
  }

  @Test func itemsObeyTheRulesOfTheirField() {
    expect(violation { $0.names = ["a", "b c"] }, "string.name", at: "names[1]")
    expect(violation { $0.names = ["a", ""] }, "required", at: "names[1]")
    expect(violation { $0.labels = ["a": "abcdef"] }, "string.max_len", at: "labels[0].value")
    expect(violation { $0.labels = ["abcdef": "a"] }, "string.max_len", at: "labels[0].key")
  }

  @Test func rulesInsideMessagesNameThePath() {
    expect(
      violation { message in
        message.split = [
          .init(beneficiary: .provider, weight: 1),
          .init(beneficiary: .platform, weight: 1_000_001),
        ]
      }, "integer.lte", at: "split[1].weight")
    expect(
      violation { message in
        var other = message
        other.split[0].weight = 0
        message.others = [message, other]
      }, "required", at: "others[1].split[0].weight")
  }

  @Test func timesStayInTheirRange() {
    let late = Encoded.bytes(19, [0x08] + Encoded.varint(253_402_300_800))
    expect(violation(adding: late), "timestamp.range", at: "time")
    let negativeNanos = Encoded.bytes(19, [0x10] + Encoded.varint(-1))
    expect(violation(adding: negativeNanos), "timestamp.range", at: "time")
    let mixed = Encoded.bytes(20, [0x08, 1, 0x10] + Encoded.varint(-1))
    expect(violation(adding: mixed), "duration.range", at: "wait")
  }

  @Test func textIsNormalised() throws {
    var message = valid
    message.line = "Đa\u{302}\u{301}t đai, Å Ω"
    let decoded = try Strict.decode(message.serialized())
    #expect(Array(decoded.line.unicodeScalars) == Array("Đất đai, Å Ω".unicodeScalars))
  }

  @Test func protocolsFollowTheFields() {
    func requestID(_ request: some MutatingRequest) -> RequestID { request.requestID }
    func mark(_ response: inout some ReplayableResponse) { response.replayed = true }
    func pageSize(_ request: some PagedRequest) -> Int32 { request.pageSize }
    var message = valid
    mark(&message)
    #expect(message.replayed)
    #expect(requestID(message) == valid.requestID)
    #expect(pageSize(SettlementV1.ListOrdersRequest(pageSize: 7)) == 7)
  }
}
