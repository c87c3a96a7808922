import Foundation
import Testing

/// docs/http2-conformance.md says what the cases say, and all that the suite has is among them.
@Suite struct ConformancePageTests {
  @Test func thePageShowsEveryCaseAndItsOutcome() throws {
    let renewed = try ConformancePage.renewed()
    if ProcessInfo.processInfo.environment["WRITE_PAGES"] != nil {
      try ConformancePage.write(renewed)
    }
    let text = try ConformancePage.text()
    #expect(text == renewed, "run the test with WRITE_PAGES=1 and commit the page")
  }

  @Test func everyCaseOfH2specIsThere() {
    let counts = ConformanceTests.sections.reduce(into: [:]) { counts, section in
      counts[section.id.prefix { $0 != "/" }, default: 0] += section.suiteCount
    }
    #expect(counts["generic"] == 44)
    #expect(counts["http2"] == 95)
    #expect(counts["hpack"] == 8)
  }
}
