import Foundation
import Model
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999999Z"),
    (1_500_000, "1970-01-01T00:00:01.500Z"), (1_000_001, "1970-01-01T00:00:01.000001Z"),
    (951_782_400_000_000, "2000-02-29T00:00:00Z"), (4_107_542_400_000_000, "2100-03-01T00:00:00Z"),
    (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
    (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
  ]) func textRoundTrips(microseconds: Int64, text: String) {
    #expect(Timestamp(microseconds: microseconds).description == text)
    #expect(Timestamp(text)?.microseconds == microseconds)
  }

  @Test func offsetsAndDecimalsAreRead() {
    #expect(Timestamp("1970-01-01T07:00:00+07:00")?.microseconds == 0)
    #expect(Timestamp("1969-12-31T19:30:00-04:30")?.microseconds == 0)
    #expect(Timestamp("1970-01-01t00:00:00.123456789z")?.microseconds == 123_456)
    #expect(Timestamp("1970-01-01T00:00:00.1Z")?.microseconds == 100_000)
  }

  @Test(arguments: [
    "", "1970-01-01", "1970-01-01T00:00:00", "1970-1-01T00:00:00Z", "1970-02-30T00:00:00Z",
    "2100-02-29T00:00:00Z", "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z", "1970-01-00T00:00:00Z",
    "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:60Z", "1970-01-01T00:00:00.Z",
    "1970-01-01T00:00:00.1234567890Z", "1970-01-01T00:00:00+24:00", "1970-01-01 00:00:00Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    "1970-01-01T00:00:00Zx",
  ]) func malformedTimesAreRefused(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func additionStopsAtTheEnds() {
    let time = Timestamp(microseconds: 5)
    #expect(time.adding(seconds: 2).microseconds == 2_000_005)
    #expect(time.adding(microseconds: -6).microseconds == -1)
    #expect(time.adding(seconds: .max).microseconds == .max)
    #expect(Timestamp(microseconds: -5).adding(seconds: .min).microseconds == .min)
  }

  @Test func systemClockAgreesWithFoundation() {
    let difference =
      Double(WallClock.system.now().microseconds) / 1_000_000 - Date().timeIntervalSince1970
    #expect(abs(difference) < 5)
  }
}
