import Foundation
import TestSupport

/// `ndx` as a process.
struct NdxCommand {
  struct Output {
    let exitCode: Int32
    let standardOutput: String
    let standardError: String
  }

  /// Folder of the local exchange it works on.
  let directory: String
  /// Beside that of the tests.
  var environment: [String: String] = [:]

  /// Runs to the end, whatever the exit code.
  func run(_ arguments: [String]) async throws -> Output {
    try await Self.run(
      try BuiltProducts.executable("ndx"), arguments,
      environment: ["NDX_DIRECTORY": directory, "NDX_LANGUAGE": "en"].merging(environment) { $1 },
      scratch: directory)
  }

  /// Runs and returns standard output. Throws what it said on standard error when the exit code is
  /// not 0.
  @discardableResult
  func callAsFunction(_ arguments: String...) async throws -> String {
    let output = try await run(arguments)
    guard output.exitCode == 0 else {
      throw ExchangeFailure(
        description: "ndx \(arguments.joined(separator: " ")) ended with \(output.exitCode): "
          + output.standardError)
    }
    return output.standardOutput
  }

  /// Runs an executable with its output in files of `scratch`.
  static func run(
    _ executable: URL, _ arguments: [String], environment: [String: String], scratch: String
  ) async throws -> Output {
    let base = "\(scratch)/output-\(UUID().uuidString)"
    let paths = (base + ".out", base + ".err")
    for path in [paths.0, paths.1] {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    defer { for path in [paths.0, paths.1] { try? FileManager.default.removeItem(atPath: path) } }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: paths.0)
    process.standardError = FileHandle(forWritingAtPath: paths.1)
    let exitCode = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { ended in
        continuation.resume(
          returning: ended.terminationReason == .exit
            ? ended.terminationStatus : -ended.terminationStatus)
      }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return Output(
      exitCode: exitCode, standardOutput: try String(contentsOfFile: paths.0, encoding: .utf8),
      standardError: try String(contentsOfFile: paths.1, encoding: .utf8))
  }
}
