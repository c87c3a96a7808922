import ConnectorDomain
import Model
import Testing

struct ServedUsageTests {
  private func used(_ chunks: [String], _ mediaType: String = "text/csv") -> ServedUsage {
    var usage = ServedUsage(orderID: OrderID(high: 1, low: 1), mediaType: mediaType)
    for (index, chunk) in chunks.enumerated() {
      usage.add(Array(chunk.utf8), isEnd: index == chunks.count - 1)
    }
    return usage
  }

  @Test func rowsAreTheLinesThatEndHoweverTheyAreCut() {
    #expect(used(["a,b\n1,2\n"]).rows == 2)
    #expect(used(["a,b\n1,", "2", "\n3,4"]).rows == 3)
    #expect(used(["a,b\n", "1,2"]).rows == 2)
    #expect(used([]).rows == 0)
    #expect(used(["{}\n{}\n"], "application/x-ndjson; charset=utf-8").rows == 2)
    #expect(used(["a\nb\n"], "Text/CSV").rows == 2)
  }

  @Test func otherFilesHaveBytesAlone() {
    let usage = used(["a\nb\n"], "application/vnd.apache.parquet")
    #expect(usage.rows == 0 && usage.bytes == 4)
  }
}
