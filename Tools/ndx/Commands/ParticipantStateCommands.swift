import ArgumentParser
import Client
import Model
import Stubs

extension ParticipantCommand {
  struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Turn an applicant down (registrar).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: ParticipantAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.participants.rejectParticipant(
          .init(requestID: request.id, participantID: subject.id, reason: subject.reason)
        ).participant
      }
    }
  }

  struct Suspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop a participant everywhere within seconds (security officer, registrar).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: ParticipantAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.participants.suspendParticipant(
          .init(requestID: request.id, participantID: subject.id, reason: subject.reason)
        ).participant
      }
    }
  }

  struct Reinstate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a suspended participant act again; its systems must enrol anew (registrar).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: ParticipantAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.participants.reinstateParticipant(
          .init(requestID: request.id, participantID: subject.id, reason: subject.reason)
        ).participant
      }
    }
  }

  struct Terminate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a participation for good (registrar).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: ParticipantAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.participants.terminateParticipant(
          .init(requestID: request.id, participantID: subject.id, reason: subject.reason)
        ).participant
      }
    }
  }

  struct BindRole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give a role (registrar).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The participant.") var id: ParticipantID
    @Option(help: "The role.") var role: Named<TypeV1.Role>

    func run() async throws {
      try await session.show { exchange in
        try await exchange.access.bindRole(
          .init(requestID: request.id, participantID: id, role: role.value)
        ).participant
      }
    }
  }

  struct UnbindRole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a role away (registrar, security officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The participant.") var id: ParticipantID
    @Option(help: "The role.") var role: Named<TypeV1.Role>

    func run() async throws {
      try await session.show { exchange in
        try await exchange.access.unbindRole(
          .init(requestID: request.id, participantID: id, role: role.value)
        ).participant
      }
    }
  }

  struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a single-use enrolment token for one of a participant's systems.",
      discussion:
        "The token is shown once; hand it over in confidence and enrol within ten minutes.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The participant; the profile's own when none is named.") var id: ParticipantID?
    @Option(help: "Name of the system that will hold the certificate.") var system: String
    @Option(
      parsing: .upToNextOption, help: "DNS names and addresses it serves at, for a connector.")
    var hosts: [String] = []

    func run() async throws {
      try await session.show { exchange in
        try await exchange.credentials.createEnrolmentToken(
          .init(
            requestID: request.id, participantID: id ?? exchange.profile.participantID,
            systemName: system, hosts: hosts))
      }
    }
  }
}

/// A participant and why something is done to it.
struct ParticipantAndReason: ParsableArguments {
  @Argument(help: "The participant.") var id: ParticipantID
  @Option(help: "Why, for the record.") var reason: String
}

extension IdentityV1.CreateEnrolmentTokenResponse: Presentable {
  static var headings: [String] { ["token", "system", "expires"] }

  func cells(_ language: Language) -> [String] {
    [token, systemID?.description ?? "", expireTime?.description ?? ""]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}
