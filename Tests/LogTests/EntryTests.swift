import Crypto
import Model
import Testing
import TransparencyLog

@Suite struct EntryTests {
  static func body(kind: String = "order.placed", traceparent: String = "") throws -> EntryBody {
    try EntryBody(
      eventID: EventID(high: 1, low: 2), kind: kind, isAccepted: true, detailsHash: .zero,
      producer: "settlement", producerSequence: 7, time: Timestamp(microseconds: 1_500_000),
      traceparent: traceparent)
  }

  @Test func anEntryHasOneForm() throws {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    let body = try Self.body(traceparent: trace)
    let text = """
      {"details_hash":"\(String(repeating: "0", count: 64))",\
      "event_id":"00000000-0000-0001-0000-000000000002","format":"ndx.audit.entry/v1",\
      "kind":"order.placed","outcome":"accepted","producer":"settlement","producer_sequence":7,\
      "time":"1970-01-01T00:00:01.500Z","traceparent":"\(trace)"}
      """
    #expect(String(decoding: body.bytes, as: UTF8.self) == text)
    #expect(try EntryBody(body.bytes) == body)
  }

  @Test func everyOtherFormIsRefused() throws {
    let bytes = try Self.body().bytes
    for position in bytes.indices {
      #expect(throws: LogFormatError.self) { try EntryBody(bytes[..<position]) }
      #expect(throws: LogFormatError.self) {
        try EntryBody(bytes[..<position] + [0x20] + bytes[position...])
      }
    }
    #expect(throws: LogFormatError.self) { try EntryBody(bytes + [0x0A]) }
  }

  @Test(arguments: ["", "order placed", "order\"", "đơn.hàng", String(repeating: "a", count: 65)])
  func kindsThatWouldNeedAnEscapeAreRefused(_ kind: String) {
    #expect(throws: LogFormatError.malformed("kind")) { try Self.body(kind: kind) }
  }

  @Test(arguments: ["x", "\"", "00-ABC", String(repeating: "0", count: 65)])
  func otherTraceContextsAreRefused(_ traceparent: String) {
    #expect(throws: LogFormatError.malformed("traceparent")) {
      try Self.body(traceparent: traceparent)
    }
  }

  @Test(arguments: [
    EntryDetails(actor: "", subjects: [], payload: []),
    EntryDetails(actor: "service/settlement", subjects: [], payload: Array("{}".utf8)),
    EntryDetails(
      actor: "participant/a", subjects: ["order/1", "", "participant/Đ"],
      payload: Array("\nsubject x\n\n".utf8) + [0xFF]),
  ])
  func detailsAreReadAsTheyWereWritten(_ details: EntryDetails) throws {
    #expect(try EntryDetails(details.bytes) == details)
  }

  @Test func theCommitmentDependsOnEverythingAndOnTheSalt() throws {
    let salt = [UInt8](repeating: 1, count: 32)
    let details = EntryDetails(actor: "a", subjects: ["b", "c"], payload: [1])
    let variants = [
      details, EntryDetails(actor: "", subjects: ["b", "c"], payload: [1]),
      EntryDetails(actor: "a", subjects: ["b"], payload: [1]),
      EntryDetails(actor: "a", subjects: ["c", "b"], payload: [1]),
      EntryDetails(actor: "a", subjects: ["b", "c"], payload: []),
    ]
    var hashes = Set(variants.map { $0.commitment(salt: salt) })
    hashes.insert(details.commitment(salt: [UInt8](repeating: 2, count: 32)))
    #expect(hashes.count == 6)
    let text = "ndx.audit.details/v1\n"
    let known = Array(text.utf8) + salt + Array("actor a\nsubject b\nsubject c\n\n".utf8) + [1]
    #expect(details.commitment(salt: salt) == .sha256(of: known))
  }

  @Test(arguments: ["", "actor", "actor a", "actor a\n", "actor a\nsubject b\n", "actor a\nx\n\n"])
  func malformedDetailsAreRefused(_ text: String) {
    #expect(throws: LogFormatError.self) { try EntryDetails(Array(text.utf8)) }
  }
}
