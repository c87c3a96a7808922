import Client
import Foundation
import Glibc

/// One service of a local exchange as a process of its own session: it outlives the command that
/// started it unless that stops it.
struct ServiceProcess {
  let name: String
  let dataDirectory: String
  let logPath: String
  let pidPath: String

  /// POSIX_SPAWN_SETSID of <spawn.h>, which glibc declares for GNU sources only.
  private static let newSession: Int16 = 0x80

  /// Starts the executable with its output appended to the log.
  func start(_ executable: String, _ arguments: [String]) async throws {
    try await waitUntilPredecessorIsGone()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGINT, SIGTERM, SIGCHLD, SIGPIPE] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    posix_spawnattr_setsigmask(&attributes, &unblocked)
    posix_spawnattr_setflags(
      &attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var argv = ([executable] + arguments).map { strdup($0) } + [nil]
    defer { argv.forEach { free($0) } }
    try LocalFile.remove(dataDirectory + "/ready")
    keepFilesFromChildren()
    var child: pid_t = 0
    let result = posix_spawn(&child, executable, &actions, &attributes, &argv, environ)
    guard result == 0 else {
      throw ExchangeError(
        "NOT_STARTED", "\(executable): \(String(cString: strerror(result)))")
    }
    try LocalFile.write("\(child)\n", to: pidPath)
  }

  /// Whoever waits for the end of this command by a pipe must not wait for the service: it inherits
  /// nothing but its standard streams.
  private func keepFilesFromChildren() {
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for descriptor in open.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
  }

  /// The running process; nil when there is none. A process of another program that has been given
  /// the same number meanwhile is not taken for it.
  func pid() -> pid_t? {
    guard let pid = recordedPID(),
      let commandLine = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8),
      commandLine.contains(dataDirectory + "\0")
    else { return nil }
    return pid
  }

  /// Where it answers, once it is ready.
  func readiness() -> Readiness? {
    try? ProtoJSON.decode(Readiness.self, fromFile: dataDirectory + "/ready")
  }

  /// What the service asks somebody to do; nil when nothing.
  func attention() -> Attention? {
    try? ProtoJSON.decode(Attention.self, fromFile: dataDirectory + "/attention")
  }

  /// What the service writes when somebody must act, in two languages.
  struct Attention: Codable {
    var vi: String
    var en: String
  }

  /// What the service writes when it is ready.
  struct Readiness: Codable {
    var address: String
    var enrolment: String?
  }

  /// Waits until the service is ready. Throws when it ends or takes too long, with its last words.
  func waitUntilReady(patience: Duration = .seconds(60)) async throws {
    let end = ContinuousClock.now.advanced(by: patience)
    while readiness() == nil {
      guard !hasEnded() else {
        throw ExchangeError("NOT_READY", "\(name) ended: \(lastWords())")
      }
      guard ContinuousClock.now < end else {
        throw ExchangeError("NOT_READY", "\(name) is not ready: \(lastWords())")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Asks it to stop and waits until it has.
  func stop(patience: Duration) async throws {
    guard let running = pid() else { return }
    kill(running, SIGTERM)
    let end = ContinuousClock.now.advanced(by: patience)
    while !hasEnded() {
      guard ContinuousClock.now < end else {
        throw ExchangeError("NOT_STOPPED", "\(name) (\(running)) does not stop")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    try LocalFile.remove(pidPath)
  }

  /// Whether it is over; takes note of its end if this process is its parent.
  private func hasEnded() -> Bool {
    guard let number = recordedPID() else { return true }
    switch waitpid(number, nil, WNOHANG) {
    case 0: return false
    case number: return true
    default: return pid() == nil
    }
  }

  /// A process that was killed a moment ago may still hold its files: it has no command line any more
  /// and is not a zombie yet.
  func waitUntilPredecessorIsGone() async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(10))
    while let number = recordedPID(), ContinuousClock.now < end,
      let commandLine = try? String(contentsOfFile: "/proc/\(number)/cmdline", encoding: .utf8),
      let status = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
      commandLine.isEmpty, let state = status.split(separator: ")").last?.dropFirst().first,
      state != "Z", state != "X"
    {
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private func recordedPID() -> pid_t? {
    guard let bytes = try? LocalFile.read(pidPath) else { return nil }
    return pid_t(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
  }

  private func lastWords() -> String {
    let text = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").last.map(String.init) ?? "see \(logPath)"
  }
}
