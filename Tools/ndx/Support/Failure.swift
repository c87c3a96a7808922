import Client
import Crypto
import Foundation
import Model
import RPC
import TransparencyLog
import Witnessing

/// An error as the command line reports it.
struct Failure {
  let status: ExitStatus
  /// Stable, in UPPER_SNAKE_CASE.
  let reason: String
  /// The service and gRPC status it came with, if it came over the wire.
  var domain: String?
  var code: String?
  let message: String
  var violations: [FieldViolation] = []
  var metadata: [String: String] = [:]
  var retryAfterMilliseconds: Int64?

  /// Nil for errors of the argument parser, which prints its own.
  init?(_ error: any Error) {
    let language = SessionOptions.language(in: CommandLine.arguments)
    switch error {
    case let error as RPCStatus: self.init(error)
    case let error as ClientError:
      if case .verification(let failure) = error {
        self.init(.notVerified, failure.reason, failure.text[language])
      } else {
        self.init(.local, "LOCAL_FAILURE", error.text[language])
      }
    case let error as LogFormatError:
      self.init(.notVerified, error.reason, error.text[language])
      metadata = error.metadata
    case let error as WebFailure: self.init(error, language)
    case let error as UsageError: self.init(.usage, "WRONG_USAGE", error.text[language])
    case let error as ExchangeError: self.init(error.status, error.reason, error.message)
    case let error as WitnessError: self.init(.local, "LOCAL_FAILURE", error.text[language])
    case let error as CryptoError: self.init(.local, "LOCAL_FAILURE", error.description)
    case is CancellationError: self.init(.interrupted, "INTERRUPTED", "interrupted")
    default: return nil
    }
  }

  init(_ status: ExitStatus, _ reason: String, _ message: String) {
    self.status = status
    self.reason = reason
    self.message = message
  }

  private init(_ error: WebFailure, _ language: Language) {
    switch error {
    case .badAddress: self.init(.usage, "WRONG_USAGE", error.text[language])
    case .untrusted: self.init(.notVerified, "SERVER_NOT_VERIFIED", error.text[language])
    default: self.init(.unreachable, "UNREACHABLE", error.text[language])
    }
  }

  private init(_ error: RPCStatus) {
    let status: ExitStatus =
      switch error.code {
      case .unavailable, .deadlineExceeded: .unreachable
      case .internal, .unknown, .dataLoss, .unimplemented: .exchangeFault
      case .cancelled: .interrupted
      default: .refused
      }
    self.init(
      status, error.details?.reason ?? error.code.name,
      error.details?.localizedMessage ?? error.message)
    domain = error.details?.domain
    code = error.code.name
    violations = error.details?.violations ?? []
    metadata = error.details?.metadata ?? [:]
    retryAfterMilliseconds = error.details?.retryAfterMilliseconds
  }

  /// Prints for people, or as one JSON object when JSON is asked for.
  func print(to handle: FileHandle) {
    let arguments = CommandLine.arguments
    let text =
      SessionOptions.wantsJSON(in: arguments)
      ? json : lines(SessionOptions.language(in: arguments)).joined(separator: "\n")
    handle.write(Data((text + "\n").utf8))
  }

  private func lines(_ language: Language) -> [String] {
    let origin = [code, domain].compactMap(\.self).joined(separator: ", ")
    var lines = ["ndx: \(reason)\(origin.isEmpty ? "" : " (\(origin))"): \(message)"]
    for violation in violations {
      let place = violation.field.isEmpty ? "request" : violation.field
      lines.append("  \(place): \(violation.text[language]) [\(violation.rule)]")
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(key) = \(value)")
    }
    if let retryAfterMilliseconds { lines.append("  retry after \(retryAfterMilliseconds) ms") }
    return lines
  }

  private var json: String {
    let report = Report(
      exitCode: status.rawValue, reason: reason, domain: domain, code: code, message: message,
      violations: violations.map { .init(field: $0.field, rule: $0.rule) }, metadata: metadata,
      retryAfterMilliseconds: retryAfterMilliseconds)
    return (try? ProtoJSON.text(of: ["error": report], pretty: false)) ?? reason
  }

  private struct Report: Encodable {
    struct Violation: Encodable {
      var field: String
      var rule: String
    }
    var exitCode: Int32
    var reason: String
    var domain: String?
    var code: String?
    var message: String
    var violations: [Violation]
    var metadata: [String: String]
    var retryAfterMilliseconds: Int64?
  }
}

/// An input that no command could make sense of, found after the arguments were parsed.
struct UsageError: Error {
  let text: Text
}

/// The local exchange could not be started or stopped.
struct ExchangeError: Error {
  let status: ExitStatus
  let reason: String
  let message: String

  init(_ reason: String, _ message: String, status: ExitStatus = .local) {
    self.reason = reason
    self.message = message
    self.status = status
  }
}
