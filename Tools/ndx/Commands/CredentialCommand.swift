import ArgumentParser
import Client
import Model
import Stubs

/// `ndx credential`.
struct CredentialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credential",
    abstract: "List and revoke certificates.",
    discussion: """
      EXAMPLES
        ndx credential list --participant ID --profile security-officer
        ndx credential revoke CREDENTIAL --reason "key lost" \\
          --profile security-officer
      """,
    subcommands: [List.self, Revoke.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List a participant's certificates, newest first.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "The participant; the profile's own by default.") var participant: ParticipantID?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.credentials.listCredentials(
          .init(
            pageSize: page.pageSize, pageToken: page.pageToken, participantID: participant))
      }
      try session.display.show(
        answer.credentials, of: answer, nextPageToken: answer.nextPageToken)
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a certificate everywhere within seconds.",
      discussion: "For security officers; organisation admins may revoke their own participant's.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The credential.") var id: CredentialID
    @Option(help: "Why, for the record.") var reason: String

    func run() async throws {
      try await session.show { exchange in
        try await exchange.credentials.revokeCredential(
          .init(requestID: request.id, credentialID: id, reason: reason)
        ).credential
      }
    }
  }
}

extension IdentityV1.Credential: Presentable {
  static var headings: [String] { ["id", "system", "state", "not after", "serial"] }

  func cells(_ language: Language) -> [String] {
    [id.description, systemName, state.argumentName, notAfter?.description ?? "", serial]
  }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("credential", id.description), ("participant", participantID?.description ?? ""),
      ("system", systemName), ("state", state.argumentName), ("serial", serial),
      ("fingerprint", fingerprint?.hex ?? ""), ("not before", notBefore?.description ?? ""),
      ("not after", notAfter?.description ?? ""),
    ]
  }
}
