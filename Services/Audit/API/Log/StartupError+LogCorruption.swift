import AuditStore
import GRDB
import ServiceRuntime

extension StartupError {
  /// Reads the log; what is wrong with it becomes the reason why the process ends.
  static func reporting<Value: Sendable>(
    _ database: ServiceDatabase, _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do {
      return try await database.read(body)
    } catch let corruption as LogCorruption {
      throw StartupError(.badData, "\(database.path): \(corruption)")
    }
  }
}
