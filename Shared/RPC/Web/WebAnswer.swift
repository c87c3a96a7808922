/// What a web server said.
package struct WebAnswer: Sendable, Hashable {
  /// An HTTP status (RFC 9110, 15). Redirects are not followed.
  package let status: Int
  /// Empty when there is none.
  package let contentType: String
  /// Seconds that `retry-after` asks to wait, when it is a number.
  package let retryAfterSeconds: Int?
  package let body: [UInt8]
}

/// A request that a client makes.
struct WebClientRequest: Sendable {
  /// Below the server's address.
  let path: String
  /// Nil for GET; else what is posted.
  var post: (contentType: String, body: [UInt8])?
}
