import Crypto
import Foundation
package import Logging
import Model

/// Writes each log record as one line of JSON on standard error: time, level, label, message, then
/// its metadata (`trace` is the W3C trace id of the call it belongs to).
package struct JSONLogHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  private let label: String

  package init(label: String, level: Logger.Level) {
    self.label = label
    logLevel = level
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var members = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { JSON.string("\($0)") }
    members["time"] = .string(WallClock.system.now().description)
    members["level"] = .string(event.level.rawValue)
    members["label"] = .string(label)
    members["message"] = .string("\(event.message)")
    // One write per line, so that lines of several threads and processes do not mix.
    try? FileHandle.standardError.write(contentsOf: Data((JSON.object(members).text + "\n").utf8))
  }
}

extension Logger {
  /// The logger of a service's process.
  package static func service(
    _ configuration: ServiceConfiguration
  ) throws(StartupError) -> Logger {
    let name = try configuration.required("log-level")
    guard let level = Logger.Level(rawValue: name) else {
      throw StartupError(.configuration, "log-level must be a level such as info, not \(name)")
    }
    return Logger(label: configuration.service) { JSONLogHandler(label: $0, level: level) }
  }
}
