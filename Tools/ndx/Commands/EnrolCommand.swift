import ArgumentParser
import Client
import Crypto
import Foundation
import Model
import Stubs

/// `ndx enrol`.
struct EnrolCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enrol",
    abstract:
      "Turn an enrolment token into a profile: key, certificate, endpoints and a test call.",
    discussion: """
      The exchange's description (--exchange) is a public file of its operator: endpoints, trust \
      domain and the fingerprint of its root. Compare the fingerprint with what you were told by \
      other means, or give it with --ca-fingerprint. Nothing is sent to a server that cannot show \
      a chain to that root.

      EXAMPLES
        ndx enrol TOKEN --ca-fingerprint 4f1c… --profile company
        ndx enrol --token-file company.token --exchange exchange.json \\
          --profile ~/ndx/company
      """)

  @OptionGroup var session: SessionOptions
  @Argument(help: "The enrolment token.") var token: String?
  @Option(help: "A file that holds the token.") var tokenFile: String?
  @Option(help: "The exchange's description (default: .ndx/exchange.json).") var exchange: String?
  @Option(help: "SHA-256 of the root certificate (hexadecimal) that you were told.")
  var caFingerprint: String?
  @Option(help: "Lifetime of the certificate in seconds, 300 to 86400.")
  var lifetimeSeconds: Int32?

  func validate() throws {
    guard (token == nil) != (tokenFile == nil) else {
      throw ValidationError("Give either TOKEN or --token-file.")
    }
  }

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = environment["NDX_DIRECTORY"] ?? ".ndx"
    var description = try ExchangeDescription.load(exchange ?? "\(folder)/exchange.json")
    if let caFingerprint {
      description.fingerprint = caFingerprint.lowercased().filter { $0 != ":" }
    }
    let enrolment = Enrolment(
      token: try readToken(), exchange: description, lifetimeSeconds: lifetimeSeconds,
      language: session.display.effectiveLanguage)
    let profile = try await enrolment.enrol(into: try newProfileDirectory(folder))
    let connection = try await ExchangeConnection.open(
      profile, language: session.display.effectiveLanguage)
    defer { Console.note("profile: \(profile.directory)") }
    do {
      try session.display.show(
        try await connection.participants.getParticipant(
          .init(participantID: profile.participantID)
        ).participant)
      await connection.close()
    } catch {
      await connection.close()
      throw error
    }
  }

  private func readToken() throws -> String {
    if let token { return token }
    guard let tokenFile, FileManager.default.fileExists(atPath: tokenFile) else {
      throw UsageError(
        text: Text(vi: "Không có tệp mã ghi danh.", en: "There is no such token file."))
    }
    return try KeyFile.readText(tokenFile).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A plain name lies below the local exchange's profiles; a path is where it says. A profile that
  /// is there is not overwritten.
  private func newProfileDirectory(_ folder: String) throws -> String {
    let name = try session.profileDirectory()
    let directory = name.contains("/") ? name : "\(folder)/profiles/\(name)"
    guard !FileManager.default.fileExists(atPath: directory + "/profile.json") else {
      throw UsageError(
        text: Text(
          vi: "Đã có hồ sơ ở \(directory).", en: "There is a profile at \(directory) already."))
    }
    return directory
  }
}
