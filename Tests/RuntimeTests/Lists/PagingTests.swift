import Model
import ServiceRuntime
import Testing

@Suite struct PagingTests {
  private func query(
    size: Int32 = 0, token: String = "", scope: [String] = []
  ) throws(InvalidArgument) -> PageQuery {
    try PageQuery(
      IdentityV1.ListParticipantsRequest(pageSize: size, pageToken: token), scope: scope)
  }

  private func key(_ item: Int) -> [UInt8] { Array(String(item).utf8) }

  @Test func aTokenGoesOnWhereThePageEnded() throws {
    let first = try query(size: 3)
    let (items, token) = first.page([1, 2, 3, 4], key: key)
    #expect(items == [1, 2, 3])
    let second = try query(size: 3, token: token)
    #expect(second.after == key(3))
    let (rest, none) = second.page([4], key: key)
    #expect(rest == [4])
    #expect(none.isEmpty)
  }

  @Test func sizesAreBounded() throws {
    #expect(try query().size == 50)
    #expect(try query(size: 10_000).size == 500)
    #expect(throws: InvalidArgument.self) { try query(size: -1) }
  }

  @Test func aTokenOfAnotherListIsRefused() throws {
    let token = try query(size: 1, scope: ["state=ACTIVE"]).page([1, 2], key: key).nextPageToken
    #expect(try query(size: 1, token: token, scope: ["state=ACTIVE"]).after == key(1))
    for (token, scope) in [(token, []), ("AAAA", ["state=ACTIVE"]), ("?", []), (token + "A", [])] {
      let error = #expect(throws: InvalidArgument.self) {
        try query(size: 1, token: token, scope: scope)
      }
      #expect(error?.violations.first?.field == "page_token")
    }
  }
}
