import ArgumentParser
import Client
import Model
import Stubs

/// `ndx participant`.
struct ParticipantCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "participant",
    abstract: "Admit participants and keep their state.",
    discussion: """
      EXAMPLES
        ndx participant register --kind agency --name "Bộ Nội vụ" \\
          --legal-id 0100100100 --roles provider --profile registrar-1
        ndx participant verify ID --evidence "Decision 123" --profile registrar-1
        ndx participant approve ID --profile registrar-2
        ndx participant token ID --system portal --profile registrar-1
      """,
    subcommands: [
      Register.self, Verify.self, Approve.self, Reject.self, Suspend.self, Reinstate.self,
      Terminate.self, Get.self, List.self, BindRole.self, UnbindRole.self, Token.self,
    ])
}

extension ParticipantCommand {
  struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record an application to take part (registrar).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Option(help: "What the applicant is in law.") var kind: Named<IdentityV1.ParticipantKind>
    @Option(help: "The environment it is to act in.") var environment = Named(
      TypeV1.Environment.live)
    @Option(help: "Its name in Vietnamese.") var name: String
    @Option(help: "Its name in English.") var nameEnglish = ""
    @Option(help: "Its number in law, such as a tax code.") var legalID: String
    @Option(help: "Country whose law it is under.") var jurisdiction = "VN"
    @Option(parsing: .upToNextOption, help: "Roles it asks for.") var roles: [Named<TypeV1.Role>]

    func run() async throws {
      try await session.show { exchange in
        try await exchange.participants.registerParticipant(
          .init(
            requestID: request.id, kind: kind.value, environment: environment.value,
            name: .init(vi: name, en: nameEnglish), legalID: legalID, jurisdiction: jurisdiction,
            roles: roles.map(\.value))
        ).participant
      }
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "State that an applicant is who it says (registrar).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The participant.") var id: ParticipantID
    @Option(help: "What was checked.") var evidence: String

    func run() async throws {
      try await session.show { exchange in
        try await exchange.participants.verifyParticipant(
          .init(requestID: request.id, participantID: id, evidence: evidence)
        ).participant
      }
    }
  }

  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Admit a verified applicant (a second registrar).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The participant.") var id: ParticipantID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.participants.approveParticipant(
          .init(requestID: request.id, participantID: id)
        ).participant
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a participant; the profile's own when none is named.")
    @OptionGroup var session: SessionOptions
    @Argument(help: "The participant.") var id: ParticipantID?

    func run() async throws {
      try await session.show { exchange in
        try await exchange.participants.getParticipant(
          .init(participantID: id ?? exchange.profile.participantID)
        ).participant
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List participants in order of registration.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those in this state.") var state: Named<IdentityV1.ParticipantState>?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.participants.listParticipants(
          .init(
            pageSize: page.pageSize, pageToken: page.pageToken, state: state?.value ?? .unspecified)
        )
      }
      try session.display.show(
        answer.participants, of: answer, nextPageToken: answer.nextPageToken)
    }
  }
}

extension IdentityV1.Participant: Presentable {
  static var headings: [String] { ["id", "kind", "state", "name", "roles"] }

  func cells(_ language: Language) -> [String] {
    [
      id.description, kind.argumentName, state.argumentName, name.text(language),
      roles.map(\.argumentName).joined(separator: ","),
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("participant", id.description), ("name", name.text(language)),
      ("kind", kind.argumentName), ("state", state.argumentName), ("legal id", legalID),
      ("jurisdiction", jurisdiction), ("environment", environment.argumentName),
      ("roles", roles.map(\.argumentName).joined(separator: ", ")), ("blocked by", blockedBy),
      ("next actor", nextActor.argumentName),
      ("due", dueTime?.description ?? ""),
    ]
  }
}
