import Model
import SettlementDomain
import Testing

struct XMLReaderTests {
  private func refusal(_ text: String) -> ReportFault? {
    do throws(ReportFault) {
      _ = try XMLReader.read(Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test func textAndAttributesComeOutAsTheyWereMeant() throws {
    let root = try XMLReader.read(
      Array("<a:x b='&lt;1'>\n <!-- c --> q&amp;&#x1F4B0;<![CDATA[<z>]]><y/></a:x>".utf8))
    #expect(root.name == "x" && root.attributes == ["b": "<1"])
    #expect(root.text == "q&💰<z>" && root.children.map(\.name) == ["y"])
  }

  @Test(arguments: [
    "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a><!DOCTYPE b></a>", "<a><?php ?></a>",
    "<?xml version='1.0'?><?xml-stylesheet href='x'?><a/>",
  ])
  func documentTypesAndInstructionsAreRefused(text: String) {
    #expect(refusal(text)?.rule == .doctype)
  }

  @Test(arguments: [
    "", "<a>", "<a></b>", "<a b=1/>", "<a b='1' b='2'/>", "<a>&x;</a>", "<a>&#0;</a>", "<a/><b/>",
    "<a>\u{1}</a>", "<1/>", "<a b='<'/>", "<a", "<a><![CDATA[</a>", "<a>&#xD800;</a>",
  ])
  func whatIsNotWellFormedIsRefused(text: String) {
    #expect(refusal(text)?.rule == .malformed)
  }

  @Test func nestingIsLimitedAndTheFaultNamesLineAndElement() {
    let deep = String(repeating: "<a>\n", count: XMLReader.depthLimit + 1)
    #expect(
      refusal(deep) == ReportFault(.limit, line: XMLReader.depthLimit + 1, element: "a"))
    #expect(refusal("<a>\n<b>\n&no;</b></a>") == ReportFault(.malformed, line: 3, element: "b"))
    #expect(throws: ReportFault(.malformed, line: 1, element: "")) {
      try XMLReader.read([0x3C, 0x61, 0xFF, 0x3E])
    }
  }

  /// Every mutant is read or refused with a rule; none brings the reader down.
  @Test func mutatedReportsAreReadOrRefused() {
    var random = SplitMix64(seed: 4)
    let entry = BankReports.Entry(endToEndID: "NDXL1", amount: "12.00", reference: "R")
    let seeds = [
      BankReports.statement("S", [entry]), BankReports.notification("N", [entry]),
      BankReports.rejection("P", of: "M", "NDXL1"), BankReports.rejection("P", of: "M", nil),
    ].map { Array($0.utf8) }
    let tokens = [
      "<", ">", "/", "&", "\"", "]]>", "<!--", "<!DOCTYPE", "&#x0;", "99999999999999999999",
    ]
    var refused = 0
    for round in 0..<3_000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 9))
        case 2:
          bytes.insert(
            contentsOf: Array(tokens[Int.random(in: 0..<tokens.count, using: &random)].utf8),
            at: place)
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
        }
        if bytes.isEmpty { bytes = [0x3C] }
      }
      do throws(ReportFault) {
        _ = try BankReport(bytes)
      } catch {
        refused += 1
        #expect(error.line >= 1)
      }
    }
    #expect(refused > 1_000 && refused < 3_000)
  }
}
