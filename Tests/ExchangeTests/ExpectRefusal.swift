import Model
import RPC
import Testing

/// Expects that the service refuses with this status and stable reason, in words, naming the field.
func expectRefusal(
  _ code: StatusCode, _ reason: String, field: String? = nil,
  _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
  do {
    try await body()
    Issue.record("accepted, not refused with \(reason)", sourceLocation: location)
  } catch let status as RPCStatus {
    #expect(status.code == code, sourceLocation: location)
    #expect(status.details?.reason == reason, sourceLocation: location)
    if let field {
      #expect(
        status.details?.violations.map(\.field) == [field], sourceLocation: location)
    }
    #expect(status.details?.localizedMessage?.isEmpty == false, sourceLocation: location)
  } catch {
    Issue.record(error, sourceLocation: location)
  }
}
