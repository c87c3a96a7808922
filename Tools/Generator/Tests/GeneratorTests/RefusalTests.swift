import Testing

@testable import protoc_gen_ndx

/// What the generator refuses to generate, and how it names things.
@Suite struct RefusalTests {
  @Test(arguments: [
    "string a = 1;", "bytes a = 1;",
    "string a = 1 [(ndx.rules.v1.field).string.format = STRING_FORMAT_NAME];",
    "repeated int32 a = 1;", "map<string, int32> a = 1 [(ndx.rules.v1.field).string.max_len = 5];",
    "repeated string a = 1 [(ndx.rules.v1.field).repeated.max_items = 5];", "M a = 1;",
  ]) func fieldsWithoutLimitsAreRefused(field: String) throws {
    #expect(throws: GenerationError.self) { try plan("message M { \(field) }") }
  }

  @Test(arguments: [
    "string a = 1 [(ndx.rules.v1.field).id = \"OfferID\"];",
    "string a = 1 [(ndx.rules.v1.field).string.max_len = 5];",
    "string a = 1 [(ndx.rules.v1.field).string.format = STRING_FORMAT_CURRENCY];",
    "bytes a = 1 [(ndx.rules.v1.field).bytes.len = 32];",
    "repeated int32 a = 1 [(ndx.rules.v1.field).repeated.max_items = 5];", "int64 a = 1;",
  ]) func fieldsWithLimitsAreAccepted(field: String) throws {
    #expect(try plan("message M { \(field) }").messages.count == 1)
  }

  @Test func filesOfOthersNeedNoLimits() throws {
    #expect(try plan("message M { string a = 1; }", package: "grpc.test").messages.count == 1)
  }

  @Test func methodsMustSayWhoMayCallThem() throws {
    let plan = try plan("message M {} service S { rpc Do(M) returns (M); }")
    #expect(throws: GenerationError.self) { try StubWriter.file(plan, "") }
  }

  @Test func methodsCarryTheirAccessAndIdempotency() throws {
    let plan = try plan(
      """
      message M {}
      service S {
        rpc Do(M) returns (stream M) {
          option (ndx.access.v1.access) = {
            participants: true roles: [ROLE_PROVIDER, ROLE_CONSUMER] services: ["*"]
          };
          option idempotency_level = NO_SIDE_EFFECTS;
        }
      }
      """)
    let text = try #require(try StubWriter.file(plan, "")).text
    #expect(text.contains("participants: true, roles: [.provider, .consumer], services: [\"*\"]"))
    #expect(text.contains("kind: .serverStreaming, isIdempotent: true"))
  }

  @Test(arguments: [
    ("offer_id", "offerID"), ("id", "id"), ("order_ids", "orderIDs"),
    ("manifest_sha256", "manifestSHA256"),
    ("sha256", "sha256"), ("download_uri", "downloadURI"), ("valid_until", "validUntil"),
  ]) func fieldsAreNamedAsSwiftDoes(proto: String, swift: String) {
    #expect(SwiftName.property(proto) == swift)
  }

  @Test(arguments: [
    ("ndx.settlement.v1", "SettlementV1"), ("grpc.reflection.v1alpha", "ReflectionV1Alpha"),
    ("google.rpc", "GoogleRPC"), ("google.protobuf", "GoogleProtobuf"),
  ]) func packagesAreNamespaces(package: String, namespace: String) {
    #expect(SwiftName.namespace(package) == namespace)
  }

  @Test func namesInCAreThoseOfTheCompilerForC() {
    #expect(CName.structure("ndx.type.v1.LocalizedText") == "Ndx__Type__V1__LocalizedText")
    #expect(CName.function("ndx.type.v1.LocalizedText") == "ndx__type__v1__localized_text")
    #expect(CName.member("default") == "default_")
  }
}
