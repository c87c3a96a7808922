import Client
import Foundation

/// What `identity bootstrap` makes: the certificate authority, and enrolment tokens for the other
/// services and the staff.
struct Bootstrap {
  let exchange: LocalExchange
  /// The executable.
  let identity: String

  private var directory: String { exchange.directory + "/bootstrap" }

  /// Runs it and returns the fingerprint of the root.
  func prepare() throws -> String { "" }

  func tokenFile(service: String) -> String { "\(directory)/services/\(service).token" }

  /// Names of the staff's profiles and the files with their tokens.
  func staff() throws -> [(String, String)] { [] }
}
