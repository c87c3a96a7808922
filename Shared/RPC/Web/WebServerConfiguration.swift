/// Where a web server listens and every limit it keeps. The defaults are those of production.
package struct WebServerConfiguration: Sendable {
  package var host: String
  /// 0 lets the system choose; `WebServer.start()` returns the port.
  package var port: Int
  /// Requests that one address may make in a second; further ones get 429. Twice as many at once, after a pause.
  /// Connections that it may open in a second are twice as many; further ones are closed at once.
  package var requestsPerSecond: Int
  /// Bytes of a request's head: request line and header fields.
  package var maximumHeadBytes = 8 << 10
  /// Bytes of what is posted. Nil for a server that only gives: POST is 405, and a body 413.
  package var maximumBodyBytes: Int?
  /// Connections open at a time; further ones are closed at once.
  package var maximumConnections = 1_024
  /// Connections open at a time from one address.
  package var maximumConnectionsPerAddress = 64
  /// Addresses whose requests are counted at a time; the counts of the others are forgotten.
  package var maximumAddresses = 16_384
  /// Time from the connection or the last answer to the next whole request, and for a reader to take an answer.
  package var idleTimeout: Duration = .seconds(15)

  package init(host: String, port: Int, requestsPerSecond: Int = 200) {
    self.host = host
    self.port = port
    self.requestsPerSecond = requestsPerSecond
  }
}
