import Client
import Foundation

/// `identity bootstrap`: makes the certificate authority at the first start, and at every start fresh
/// enrolment tokens for the other services and the staff.
struct Bootstrap {
  /// What it prints.
  struct Result: Codable {
    var fingerprint: String
    /// Files with enrolment tokens, by the name of the service.
    var services: [String: String]
    /// Files with enrolment tokens, by the name of the member of staff.
    var staff: [String: String]

    enum CodingKeys: String, CodingKey {
      case fingerprint = "ca_fingerprint"
      case services, staff
    }
  }

  let exchange: LocalExchange
  /// The executable.
  let identity: String
  let trustDomain: String

  /// Runs it. identity must not be running.
  func run() throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: identity)
    process.arguments = [
      "bootstrap", "--directory", exchange.directory + "/bootstrap",
      "--data-directory", exchange.dataDirectory("identity"), "--trust-domain", trustDomain,
    ]
    let further = try exchange.instances().dropFirst().flatMap { ["--instance", $0.name] }
    process.arguments? += further
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw ExchangeError("NOT_STARTED", "\(identity): \(error.localizedDescription)")
    }
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let result = try? ProtoJSON.decode(Result.self, from: [UInt8](printed))
    else {
      let text = String(decoding: complaint, as: UTF8.self)
      throw ExchangeError(
        "NOT_BOOTSTRAPPED", text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    return result
  }
}
