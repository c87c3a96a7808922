import Testing

@testable import protoc_gen_ndx

/// The Swift of a service's two sides.
@Suite struct StubTests {
  @Test(arguments: [
    (
      "rpc Do(M) returns (M)",
      "func `do`(_ request: TestV1.M, _ options: CallOptions = CallOptions()) async throws -> TestV1.M {",
      "channel.unary("
    ),
    (
      "rpc Do(M) returns (stream M)",
      "func `do`(_ request: TestV1.M, _ options: CallOptions = CallOptions()) -> ResponseStream<TestV1.M> {",
      "channel.serverStreaming("
    ),
    (
      "rpc Do(stream M) returns (M)",
      "func `do`(_ options: CallOptions = CallOptions(), _ write: (RequestWriter<TestV1.M>) async throws -> Void) async throws -> TestV1.M {",
      "channel.clientStreaming("
    ),
    (
      "rpc Do(stream M) returns (stream M)",
      "func `do`<Result>(_ options: CallOptions = CallOptions(), _ converse: (RequestWriter<TestV1.M>, ResponseStream<TestV1.M>) async throws -> Result) async throws -> Result {",
      "channel.bidirectional("
    ),
  ])
  func aClientHasAMethodForEachKindOfCall(rpc: String, head: String, call: String) throws {
    let access = "option (ndx.access.v1.access).participants = true;"
    let plan = try plan("message M {} service S { \(rpc) { \(access) } }")
    let text = try #require(try StubWriter.file(plan, "")).text
    #expect(text.contains(head), "\(text)")
    #expect(text.contains(call))
  }
}
