/// What is asked of a web server. HEAD is told as GET.
package struct WebRequest: Sendable, Hashable {
  package enum Method: Sendable, Hashable {
    case get
    case post
  }
  package let method: Method
  /// With its leading slash, as the client sent it.
  package let path: String
  /// What is posted; empty for GET.
  package let body: [UInt8]
}

/// What a request leads to.
package struct WebResponse: Sendable, Hashable {
  /// An HTTP status (RFC 9110, 15).
  package let status: Int
  package let contentType: String
  /// The value of `cache-control` (RFC 9111, 5.2).
  package let cacheControl: String
  package let body: [UInt8]
  var retryAfterSeconds: Int?

  package init(status: Int = 200, contentType: String, cacheControl: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.cacheControl = cacheControl
    self.body = body
  }

  /// An answer without the thing asked for. It may be there later, so nobody keeps it.
  package static func refusal(_ status: Int, _ text: String, retryAfterSeconds: Int? = nil) -> Self
  {
    var response = WebResponse(
      status: status, contentType: "text/plain; charset=utf-8", cacheControl: "no-store",
      body: Array("\(text)\n".utf8))
    response.retryAfterSeconds = retryAfterSeconds
    return response
  }
}
