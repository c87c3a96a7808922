import Foundation
import Synchronization

/// One of the built executables as a process of its own: to start, wait for, kill and start again.
package final class ServiceProcess: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  private struct State {
    var process: Process?
    var output = ""
    var ended = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }
  private let state = Mutex(State())
  private let executable: URL
  private let arguments: [String]
  private let environment: [String: String]
  private let logFile: String
  package let name: String

  /// - Parameters:
  ///   - name: name of the executable, built beside the tests.
  ///   - logFile: where its standard error is appended.
  package init(
    _ name: String, arguments: [String], environment: [String: String] = [:], logFile: String
  ) throws {
    self.name = name
    self.arguments = arguments
    self.environment = environment
    self.logFile = logFile
    executable = try BuiltProducts.executable(name)
  }

  /// What it has written to standard output since it was started last.
  package var output: String { state.withLock { $0.output } }

  /// What it has written to standard error since it was made.
  package var log: String { (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? "" }

  package func start() throws {
    if !FileManager.default.fileExists(atPath: logFile) {
      _ = FileManager.default.createFile(atPath: logFile, contents: nil)
    }
    guard let log = FileHandle(forWritingAtPath: logFile) else {
      throw Failure(description: "cannot write \(logFile)")
    }
    try log.seekToEnd()
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardError = log
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
      let data = handle.availableData
      if data.isEmpty { handle.readabilityHandler = nil }
      self?.note { $0.output += String(decoding: data, as: UTF8.self) }
    }
    process.terminationHandler = { [weak self] _ in self?.note { $0.ended = true } }
    state.withLock {
      $0.process = process
      $0.output = ""
      $0.ended = false
    }
    try process.run()
  }

  /// Starts it and returns once it says that it is ready.
  /// - Throws: its log, when it ends instead.
  @discardableResult
  package func startUntilReady(timeout: Duration = .seconds(60)) async throws -> String {
    try start()
    try await wait(timeout) { $0.output.contains("\n") || $0.ended }
    guard let line = output.split(separator: "\n").first else {
      throw Failure(
        description: "\(name) ended with \(exitCode ?? -1) before it was ready:\n\(log)")
    }
    return String(line)
  }

  /// The exit code once it has ended; negative when a signal ended it.
  package var exitCode: Int32? {
    state.withLock { state in
      guard let process = state.process, state.ended else { return nil }
      return process.terminationReason == .exit
        ? process.terminationStatus : -process.terminationStatus
    }
  }

  package func untilExit(timeout: Duration = .seconds(60)) async throws -> Int32 {
    try await wait(timeout) { $0.ended }
    return exitCode ?? -1
  }

  /// kill -9, and returns when it is gone.
  package func kill() async throws {
    signal(SIGKILL)
    _ = try await untilExit()
  }

  /// SIGTERM, and returns the exit code.
  package func terminate() async throws -> Int32 {
    signal(SIGTERM)
    return try await untilExit()
  }

  private func signal(_ number: Int32) {
    state.withLock { state in
      if let process = state.process, !state.ended, process.isRunning {
        _ = Foundation.kill(process.processIdentifier, number)
      }
    }
  }

  private func note(_ change: (inout State) -> Void) {
    let waiters = state.withLock { state in
      change(&state)
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Looks again whenever something happened, until `condition` holds.
  private func wait(_ timeout: Duration, _ condition: (borrowing State) -> Bool) async throws {
    let alarm = Task { [weak self] in
      try await Task.sleep(for: timeout)
      self?.note { _ in }
    }
    defer { alarm.cancel() }
    let end = ContinuousClock.now.advanced(by: timeout)
    while !state.withLock({ condition($0) }) {
      guard ContinuousClock.now < end else {
        throw Failure(description: "\(name) took longer than \(timeout):\n\(log)")
      }
      await withCheckedContinuation { waiter in
        let isOver = state.withLock { state in
          if condition(state) || ContinuousClock.now >= end { return true }
          state.waiters.append(waiter)
          return false
        }
        if isOver { waiter.resume() }
      }
    }
  }

  deinit { signal(SIGKILL) }
}
