import Foundation
import Synchronization

@testable import Codec

/// Google's protobuf for Python in a process of its own, asked one question a line.
final class PythonPeer {
  /// The Python of the repository's environment, which `make venv` sets up; set up here when it is
  /// not there. Nil when it cannot be had, as without a network.
  static let interpreter: URL? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    for folder in [".venv", ".build/codec-tests-venv"] {
      let python = root.appending(path: "\(folder)/bin/python")
      if run(python, ["-c", "import google.protobuf"]) { return python }
    }
    let folder = root.appending(path: ".build/codec-tests-venv")
    let python = folder.appending(path: "bin/python")
    let env = URL(filePath: "/usr/bin/env")
    guard run(env, ["python3", "-m", "venv", folder.path]),
      run(python, ["-m", "pip", "install", "--quiet", "protobuf"])
    else { return nil }
    return python
  }()

  private let process = Process()
  private let questions = Pipe()
  private let answers = Pipe()
  private var pending = Data()

  /// Starts the peer with these proto files, ordered so that each follows what it imports.
  init(_ files: [ProtoFile]) throws {
    guard let interpreter = Self.interpreter else { throw CocoaError(.executableNotLoadable) }
    process.executableURL = interpreter
    process.arguments = [
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Python/peer.py").path
    ]
    process.standardInput = questions
    process.standardOutput = answers
    try process.run()
    let descriptors = Self.ordered(files).map { Data($0.descriptor).base64EncodedString() }
    let isLoaded: Bool = try ask(Load(files: descriptors))
    precondition(isLoaded)
  }

  deinit {
    try? questions.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func ask<Answer: Decodable>(_ question: some Encodable) throws -> Answer {
    let line = try JSONEncoder().encode(question) + Data("\n".utf8)
    try questions.fileHandleForWriting.write(contentsOf: line)
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let answer = pending[pending.startIndex..<end]
        pending = Data(pending[pending.index(after: end)...])
        return try JSONDecoder().decode(Answer.self, from: answer)
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else { throw CocoaError(.fileReadUnknown) }
      pending.append(more)
    }
  }

  private static func ordered(_ files: [ProtoFile]) -> [ProtoFile] {
    var sorted: [ProtoFile] = []
    var seen: Set<String> = []
    let byName = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0) })
    func visit(_ file: ProtoFile) {
      guard seen.insert(file.name).inserted else { return }
      file.dependencies.compactMap { byName[$0] }.forEach(visit)
      sorted.append(file)
    }
    files.forEach(visit)
    return sorted
  }

  private static func run(_ program: URL, _ arguments: [String]) -> Bool {
    guard FileManager.default.isExecutableFile(atPath: program.path) else { return false }
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

private struct Load: Encodable {
  var `do` = "load"
  let files: [String]
}
