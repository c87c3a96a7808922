import AuditStore
import ServiceRuntime

extension StartupError {
  /// Works on the log; what turns out to be wrong with it becomes the reason why the process ends.
  static func reporting<Value>(
    _ database: ServiceDatabase, _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch let corruption as LogCorruption {
      throw StartupError(.badData, "\(database.path): \(corruption)")
    }
  }
}
