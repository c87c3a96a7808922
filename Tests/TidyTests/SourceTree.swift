import Foundation

/// The checkout, read as text: what the tidy tests look at.
struct SourceTree {
  struct File {
    /// Path from the root of the checkout.
    let path: String
    let lines: [String]
  }

  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Swift files that people write: all but generated ones.
  static func handWritten(in folders: [String] = ["Services", "Shared", "Tools", "Tests", "Fuzz"])
    throws -> [File]
  {
    try swiftFiles(in: folders).filter { !$0.path.contains("/Generated/") }
  }

  static func swiftFiles(in folders: [String]) throws -> [File] {
    var files: [File] = []
    for folder in folders {
      let start = root.appending(path: folder)
      let contents = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
      while let url = contents?.nextObject() as? URL {
        guard url.pathExtension == "swift", !url.path.contains("/.build") else { continue }
        let text = try String(contentsOf: url, encoding: .utf8)
        let path = String(url.path.dropFirst(root.path.count).drop { $0 == "/" })
        files.append(File(path: path, lines: text.components(separatedBy: "\n")))
      }
    }
    return files.sorted { $0.path < $1.path }
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }
}

extension SourceTree.File {
  /// Modules that the file imports, whatever the access level.
  var imports: Set<String> {
    Set(
      lines.compactMap { line in
        let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
        guard let at = words.firstIndex(of: "import"), at <= 1, at + 1 < words.count,
          !line.hasPrefix(" ")
        else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "typealias"]
        let name = kinds.contains(words[at + 1]) ? words[words.count - 1] : words[at + 1]
        return String(name.split(separator: ".")[0])
      })
  }

  /// Functions with the number of lines from signature to closing brace, found by indentation.
  var functions: [(name: String, length: Int)] {
    var found: [(String, Int)] = []
    for (start, line) in lines.enumerated() {
      let text = line.drop { $0 == " " }
      let indent = String(repeating: " ", count: line.count - text.count)
      guard text.contains("func ") || text.hasPrefix("init("), !text.hasPrefix("//") else {
        continue
      }
      guard let end = lines[start...].firstIndex(where: { $0 == indent + "}" }) else { continue }
      found.append((String(text.prefix(60)), end - start + 1))
    }
    return found
  }
}
