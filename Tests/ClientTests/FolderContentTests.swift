import Client
import Foundation
import Model
import Testing

struct FolderContentTests {
  /// A folder of files that goes away with the test.
  private func folder(_ files: [String: String]) throws -> String {
    let root = FileManager.default.temporaryDirectory.appending(path: "ndx-\(UUID().uuidString)")
      .path
    for (path, text) in files {
      let file = URL(filePath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return root
  }

  @Test(arguments: [
    ("a,b\n1,2\n3,4\n", 2), ("a,b\n1,2\n3,4", 2), ("a,b\r\n1,2\r\n", 1), ("a,b\n", 0), ("", 0),
    ("a,b\n\"two\nlines\",\"a \"\"quote\"\"\"\n", 1), ("a\n\n\n1\n", 1),
  ])
  func rowsOfCSVAreRecordsWithoutTheHeading(text: String, rows: Int64) throws {
    let root = try folder(["data.csv": text])
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try FolderContent.files(in: root).map(\.rows) == [rows])
  }

  @Test func filesAreInCanonicalOrderAndHiddenOnesLeftOut() throws {
    let root = try folder([
      "b.csv": "x\n1\n", "a/z.jsonl": "{}\n{}\n", ".secret": "x", "B.bin": "\0",
    ])
    defer { try? FileManager.default.removeItem(atPath: root) }
    let files = try FolderContent.files(in: root)
    #expect(files.map(\.path) == ["B.bin", "a/z.jsonl", "b.csv"])
    #expect(files.map(\.rows) == [0, 2, 1])
    #expect(
      files.map(\.mediaType) == ["application/octet-stream", "application/jsonl", "text/csv"])
  }

  @Test func columnsAreThoseOfTheHeading() throws {
    let root = try folder(["data.csv": "\u{FEFF}code,\"name\",phone_code\r\n1,2,3\n"])
    defer { try? FileManager.default.removeItem(atPath: root) }
    let columns = try FolderContent.columns(ofCSV: root + "/data.csv")
    #expect(columns.map(\.name) == ["code", "name", "phone_code"])
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    #expect(throws: ClientError.self) { try FolderContent.columns(ofCSV: "/nonexistent/data.csv") }
  }
}
