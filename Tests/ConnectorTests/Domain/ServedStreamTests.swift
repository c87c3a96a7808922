import ConnectorDomain
import Model
import Testing

@Suite struct ServedStreamTests {
  private let size: Int64 = 100 << 20

  @Test func bookingGoesInStepsWithinFileAndQuota() throws {
    let step = ServedStream.stepBytes
    #expect(try ServedStream.step(from: 0, of: size, used: 0, quota: size) == step)
    #expect(try ServedStream.step(from: size - 5, of: size, used: 0, quota: size) == 5)
    #expect(try ServedStream.step(from: 0, of: size, used: size - 7, quota: size) == 7)
    #expect(try ServedStream.step(from: size, of: size, used: size, quota: size) == 0)
    #expect(throws: ConnectorError.quotaExceeded(quotaBytes: 10)) {
      try ServedStream.step(from: 0, of: size, used: 10, quota: 10)
    }
  }

  @Test func onlyWhatConnectsToTheBeginningCounts() {
    #expect(ServedStream.covered(0, with: 0, 10) == 10)
    #expect(ServedStream.covered(10, with: 5, 20) == 20)
    #expect(ServedStream.covered(10, with: 10, 20) == 20)
    #expect(ServedStream.covered(10, with: 11, 20) == 10)
    #expect(ServedStream.covered(30, with: 0, 20) == 30)
  }

  @Test func everyErrorHasAReasonAndBothTexts() {
    let errors: [ConnectorError] = [
      .grantInvalid(rule: "typ"), .grantExpired, .grantOfAnother,
      .revisionNotServed(.make(at: .earliest)), .fileNotFound(path: "a"),
      .offsetOutOfRange(sizeBytes: 1), .contentChanged(path: "a"), .contentMissing(path: "a"),
      .quotaExceeded(quotaBytes: 1), .statementMismatch(field: "a"),
      .signatureInvalid(reason: "a"), .contentNotServed(path: "a"), .receiptIDReused,
      .grantKeysUnavailable, .manifestUnavailable,
    ]
    #expect(Set(errors.map(\.reason)).count == errors.count)
    for error in errors { #expect(!error.text.vi.isEmpty && !error.text.en.isEmpty) }
  }
}
