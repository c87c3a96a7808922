import Crypto
import Foundation

/// Says that the service is ready and where: one line of JSON such as
/// `{"address":"127.0.0.1:40123","pid":"4711","service":"settlement"}`, with `enrolment` beside
/// `address` where there is a second listener. It appears whole when the service is ready, is gone
/// while it is not, and the same line is on standard output.
package struct ReadyFile: Sendable {
  package let path: String

  package init(_ configuration: ServiceConfiguration) {
    path = configuration.string("ready-file") ?? configuration.path("ready")
  }

  func publish(service: String, address: HostPort, enrolment: HostPort?) throws(StartupError) {
    var members: [String: JSON] = [
      "service": .string(service), "address": .string(address.description),
      "pid": .string(String(getpid())),
    ]
    if let enrolment { members["enrolment"] = .string(enrolment.description) }
    let line = JSON.object(members).text + "\n"
    do {
      try KeyFile.write(line, to: path)
    } catch {
      throw StartupError(.cannotWrite, "cannot write \(path)")
    }
    try? FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
  }

  func remove() { unlink(path) }

  /// Where a running service answers; nil when it is not ready.
  package func address() -> HostPort? { member("address") }

  /// Where a running service answers callers without a certificate.
  package func enrolmentAddress() -> HostPort? { member("enrolment") }

  private func member(_ name: String) -> HostPort? {
    guard let bytes = FileManager.default.contents(atPath: path),
      let line = try? JSON(parsing: Array(bytes)[...].prefix { $0 != UInt8(ascii: "\n") })
    else { return nil }
    return line[name]?.string.flatMap { HostPort($0) }
  }
}
