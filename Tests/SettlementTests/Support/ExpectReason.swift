import Model
import RPC
import Testing

/// Expects a call to be refused with this reason and status.
func expectRefusal<Value>(
  _ reason: String, _ code: StatusCode = .failedPrecondition,
  sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> Value
) async {
  do {
    _ = try await call()
    Issue.record("was not refused", sourceLocation: sourceLocation)
  } catch let status as RPCStatus {
    #expect(status.details?.reason == reason, sourceLocation: sourceLocation)
    #expect(status.code == code, sourceLocation: sourceLocation)
    #expect(status.details?.localizedMessage?.isEmpty == false, sourceLocation: sourceLocation)
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}
