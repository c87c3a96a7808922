import Foundation
import Logging
import ServiceRuntime

extension Logger {
  /// Silent, unless NDX_TEST_LOG names a level.
  static var quiet: Logger {
    let level = ProcessInfo.processInfo.environment["NDX_TEST_LOG"].flatMap {
      Logger.Level(rawValue: $0)
    }
    guard let level else { return Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
    return Logger(label: "test") { JSONLogHandler(label: $0, level: level) }
  }
}
