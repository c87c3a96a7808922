import Crypto
import Model
import Testing

@Suite struct Base64Tests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func vectorsOfRFC4648Match(plain: String, encoded: String) {
    #expect(StrictBase64.encode(Array(plain.utf8)) == encoded)
    #expect(StrictBase64.decode(encoded) == Array(plain.utf8))
    let unpadded = encoded.filter { $0 != "=" }
    #expect(Base64URL.encode(Array(plain.utf8)) == unpadded)
    #expect(Base64URL.decode(unpadded) == Array(plain.utf8))
  }

  @Test func alphabetsDiffer() {
    #expect(StrictBase64.encode([0xFB, 0xFF]) == "+/8=")
    #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
    #expect(StrictBase64.decode("-_8=") == nil)
    #expect(Base64URL.decode("+/8") == nil)
  }

  @Test(arguments: [
    "Zg", "Zg=", "Zh==", "Z===", "====", "Zm 9", "Zm9v\n", "Zg==Zg==", "Zm9=", "đ===",
  ])
  func anythingButTheOneEncodingIsRefused(text: String) {
    #expect(StrictBase64.decode(text) == nil)
  }

  @Test(arguments: ["Z", "Zh", "Zg==", "Zm9vY", "Zm\u{0}v"])
  func paddingAndSpareBitsAreRefusedInTheURLForm(text: String) {
    #expect(Base64URL.decode(text) == nil)
  }

  @Test func everyLengthRoundTrips() {
    for count in 0..<200 {
      let bytes = Random.bytes(count)
      #expect(StrictBase64.decode(Base64.encode(bytes)) == bytes)
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
  }
}
