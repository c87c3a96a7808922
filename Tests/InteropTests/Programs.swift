import Foundation
import TestSupport
import Testing

/// A program in another language that the tests run.
struct Program {
  let executable: URL
  var arguments: [String] = []

  func start(_ more: [String], input: Pipe? = nil) throws -> (process: Process, output: Pipe) {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments + more
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = input ?? FileHandle.nullDevice
    try process.run()
    return (process, output)
  }

  /// Runs to the end; returns the exit status and all that was printed.
  func run(_ more: [String]) async throws -> (status: Int32, output: String) {
    let (process, output) = try start(more)
    let text = await output.rest()
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}

extension Pipe {
  /// The next line that is printed, without its end.
  func nextLine() async -> String {
    await offTheTaskPool {
      var line: [UInt8] = []
      while let byte = try? $0.read(upToCount: 1)?.first, byte != 0x0a { line.append(byte) }
      return String(decoding: line, as: UTF8.self)
    }
  }

  /// All that is printed from here to the end.
  func rest() async -> String {
    await offTheTaskPool { String(decoding: $0.readDataToEndOfFile(), as: UTF8.self) }
  }

  /// Reading a pipe blocks, which a task must not.
  private func offTheTaskPool(
    _ read: @escaping @Sendable (FileHandle) -> String
  ) async -> String {
    let handle = fileHandleForReading
    return await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: read(handle)) }
    }
  }
}

/// The Python environment that `make venv` sets up at the top of the repository.
enum Python {
  static func program(_ script: String) -> Program {
    // Not standardised: that would follow the link to an interpreter outside the environment.
    Program(
      executable: ClientLanguage.repository.appending(path: ".venv/bin/python"),
      arguments: [ClientLanguage.tests.appending(path: "Python/\(script)").path])
  }

  static func start(
    _ script: String, _ arguments: [String], input: Pipe? = nil
  ) throws -> (process: Process, output: Pipe) {
    try program(script).start(arguments, input: input)
  }

  /// The first line that a running script prints.
  static func firstLine(of output: Pipe) async -> String { await output.nextLine() }
}

extension ClientLanguage {
  static let tests = URL(filePath: #filePath).deletingLastPathComponent()
  static let repository = tests.deletingLastPathComponent().deletingLastPathComponent()

  /// Builds what has changed of the echo client in this language, and returns it.
  func echoClient() async throws -> Program {
    if case .python = self { return Python.program("echo_client.py") }
    let script = Self.tests.appending(path: "\(rawValue.capitalized)/build.sh")
    let folder = Self.repository.appending(path: ".build/clients/\(rawValue)")
    let built = try await Program(executable: script).run([folder.path])
    try #require(built.status == 0, "\(built.output)")
    return Program(executable: folder.appending(path: "echo_client"))
  }
}
