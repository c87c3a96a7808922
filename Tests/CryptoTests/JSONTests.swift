import Crypto
import Testing

@Suite struct JSONTests {
  @Test func valuesRoundTripInCanonicalForm() throws {
    let text = #" { "b" : [ 1, -2, true,false ,null ], "a" : "\u0111\"\\\n\ud83d\ude00", "c":{} } "#
    let value = try JSON(parsing: text.utf8)
    #expect(value["a"] == .string("đ\"\\\n😀"))
    #expect(value.text == #"{"a":"đ\"\\\u000a😀","b":[1,-2,true,false,null],"c":{}}"#)
    #expect(try JSON(parsing: value.text.utf8) == value)
  }

  @Test(arguments: [
    "", "{", "{}x", "[1,]", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "01", "1.5", "1e3", "-",
    "nul", "\"", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "{a:1}", "[1 2]",
    "99999999999999999999", "\"\\u00g0\"",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(throws: CryptoError.malformed("JSON")) { try JSON(parsing: text.utf8) }
  }

  @Test func deepNestingAndBrokenUTF8AreRefused() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: CryptoError.malformed("JSON")) { try JSON(parsing: deep.utf8) }
    #expect(throws: CryptoError.malformed("JSON")) { try JSON(parsing: [0x22, 0xC3, 0x28, 0x22]) }
  }
}
