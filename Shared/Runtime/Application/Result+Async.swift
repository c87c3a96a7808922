extension Result where Failure == any Error {
  /// The outcome of an asynchronous body, to clean up before it is looked at.
  static func of(_ body: () async throws -> Success) async -> Self {
    do {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
