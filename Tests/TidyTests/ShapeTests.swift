import Testing

/// The shape that every service and every file keeps (design/style.md).
@Suite struct ShapeTests {
  @Test func noFileIsLongerThan400Lines() throws {
    for file in try SourceTree.handWritten() {
      #expect(file.lines.count <= 400, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test func noFunctionIsLongerThan70Lines() throws {
    for file in try SourceTree.handWritten() {
      for function in file.functions {
        #expect(function.length <= 70, "\(file.path): \(function.name) has \(function.length)")
      }
    }
  }

  @Test(arguments: ImportTests.services)
  func serviceHasTheSameInside(service: String) throws {
    #expect(SourceTree.exists("Services/\(service)/README.md"))
    let main = try SourceTree.swiftFiles(in: ["Services/\(service)/Main"])
    #expect(main.count == 1)
    for file in main { #expect(file.lines.count <= 41, "\(file.path)") }
  }

  @Test func nothingUnfinishedOrCrashingIsLeftInTheSources() throws {
    let marks = ["TO" + "DO", "FIX" + "ME", "fatal" + "Error(", "try" + "!", "not implemented"]
    for file in try SourceTree.handWritten(in: ["Services", "Shared", "Tools"]) {
      for (number, line) in file.lines.enumerated() {
        for mark in marks { #expect(!line.contains(mark), "\(file.path):\(number + 1): \(mark)") }
      }
    }
  }

  @Test func uncheckedConcurrencyIsJustifiedBesideIt() throws {
    for file in try SourceTree.handWritten(in: ["Services", "Shared", "Tools"]) {
      for (number, line) in file.lines.enumerated()
      where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
        let before = file.lines[max(0, number - 12)..<number]
        #expect(
          before.contains { $0.contains("//") }, "\(file.path):\(number + 1) says not why")
      }
    }
  }
}
