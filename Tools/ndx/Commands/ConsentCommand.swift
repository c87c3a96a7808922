import ArgumentParser
import Client
import Crypto
import Model
import Stubs

/// `ndx consent`.
struct ConsentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consent",
    abstract: "Ask people for consent to use data about them, give it and take it back.",
    discussion: """
      EXAMPLES
        ndx consent request --subject CITIZEN --provider HOSPITAL --purpose research \\
          --categories health --until 2027-01-01T00:00:00Z --retention-days 30 \\
          --profile company
        ndx consent show CONSENT --profile citizen
        ndx consent give CONSENT --profile citizen
        ndx order place --offer OFFER --purpose research --consent CONSENT --profile company
        ndx consent withdraw CONSENT --profile citizen
      """,
    subcommands: [
      Request.self, Give.self, Pause.self, Resume.self, Withdraw.self, List.self, Show.self,
      Uses.self,
    ])

  struct Request: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask a person for consent (consumer).",
      discussion: "Without --orders and --days the consent is for one order.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Option(help: "The person.") var subject: ParticipantID
    @Option(help: "Who holds the data.") var provider: ParticipantID
    @Option(help: "What the data are for, such as research.") var purpose: String
    @Option(parsing: .upToNextOption, help: "Categories of the data, such as health.")
    var categories: [String]
    @Flag(help: "Sensitive personal data are among them.") var sensitive = false
    @Option(help: ArgumentHelp("From when; at once by default.", valueName: "time"))
    var from: Timestamp?
    @Option(help: ArgumentHelp("Until when, such as 2027-01-01T00:00:00Z.", valueName: "time"))
    var until: Timestamp
    @Option(help: "Most orders in one period.") var orders: Int32?
    @Option(help: "Days of one period.") var days: Int32?
    @Option(help: "Days after which copies will be deleted.") var retentionDays: Int32
    @Option(help: "The law that allows the data to be sold; without it they are not.")
    var saleBasis = ""

    func validate() throws {
      guard (orders == nil) == (days == nil) else {
        throw ValidationError("--orders and --days come together")
      }
    }

    func run() async throws {
      var frequency: IdentityV1.ConsentFrequency?
      if let orders, let days { frequency = .init(orders: orders, days: days) }
      let asked = IdentityV1.RequestConsentRequest(
        requestID: request.id, subjectID: subject, providerID: provider, purpose: purpose,
        dataCategories: categories, sensitive: sensitive, startTime: from, expireTime: until,
        use: frequency == nil ? .oneTime : .periodic, frequency: frequency,
        retentionDays: retentionDays, saleBasis: saleBasis)
      try await session.show { try await $0.consents.requestConsent(asked).consent }
    }
  }

  struct Give: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give consent, signed with the profile's key (citizen).",
      discussion: "`ndx consent show` says to what.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The consent.") var id: ConsentID

    func run() async throws {
      try await session.show { exchange in
        let asked = try await exchange.consents.getConsent(.init(consentID: id)).consent
        // The text is made here, of the fields that `show` prints: whatever else came is not signed.
        return try await exchange.consents.giveConsent(
          .init(
            requestID: request.id, consentID: id, certificate: exchange.profile.certificate.der,
            signature: try asked.artefact.signed(by: exchange.profile.key))
        ).consent
      }
    }
  }

  struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop all use of a consent for now (citizen).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The consent.") var id: ConsentID
    @Option(help: "Why; nobody has to say.") var reason = ""

    func run() async throws {
      try await session.show {
        try await $0.consents.pauseConsent(
          .init(requestID: request.id, consentID: id, reason: reason)
        ).consent
      }
    }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Allow the use of a paused consent again (citizen).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The consent.") var id: ConsentID

    func run() async throws {
      try await session.show {
        try await $0.consents.resumeConsent(.init(requestID: request.id, consentID: id)).consent
      }
    }
  }

  struct Withdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a consent back for good, or decline it: deliveries under it end (citizen).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The consent.") var id: ConsentID
    @Option(help: "Why; nobody has to say.") var reason = ""

    func run() async throws {
      try await session.show {
        try await $0.consents.withdrawConsent(
          .init(requestID: request.id, consentID: id, reason: reason)
        ).consent
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the profile's consents, oldest first; all of them for staff.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those of this consumer.") var consumer: ParticipantID?

    func run() async throws {
      let answer = try await session.connected {
        try await $0.consents.listConsents(
          .init(pageSize: page.pageSize, pageToken: page.pageToken, consumerID: consumer))
      }
      try session.display.show(answer.consents, of: answer, nextPageToken: answer.nextPageToken)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a consent and what happened to it.")
    @OptionGroup var session: SessionOptions
    @Argument(help: "The consent.") var id: ConsentID

    func run() async throws {
      try await session.show { try await $0.consents.getConsent(.init(consentID: id)) }
    }
  }
}

extension IdentityV1.Consent: Presentable {
  static var headings: [String] { ["id", "state", "purpose", "categories", "until"] }

  func cells(_ language: Language) -> [String] {
    [
      artefact.consentID.description, state.argumentName, artefact.purpose,
      artefact.dataCategories.joined(separator: ","), artefact.expireTime.description,
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    let frequency = artefact.frequency.map { " (\($0.orders) in \($0.days) days)" } ?? ""
    return [
      ("consent", artefact.consentID.description), ("state", state.argumentName),
      ("subject", subjectID?.description ?? artefact.subjectPseudonym),
      ("provider", artefact.providerID.description),
      ("consumer", artefact.consumerID.description), ("purpose", artefact.purpose),
      ("categories", artefact.dataCategories.joined(separator: ", ")),
      ("sensitive", artefact.sensitive ? "yes" : ""),
      ("from", artefact.startTime.description), ("until", artefact.expireTime.description),
      ("use", artefact.use.argumentName + frequency),
      ("retention", "\(artefact.retentionDays) days"), ("sale allowed by", artefact.saleBasis),
      ("blocked by", blockedBy), ("next actor", nextActor.argumentName),
      ("due", dueTime?.description ?? ""),
    ]
  }
}

extension IdentityV1.GetConsentResponse: Presentable {
  static var headings: [String] { IdentityV1.Consent.headings }

  func cells(_ language: Language) -> [String] { consent.cells(language) }

  func rows(_ language: Language) -> [(String, String)] {
    let history = events.map { event in
      let order = event.orderID.map { " by order \($0)" } ?? ""
      let reason = event.reason.isEmpty ? "" : ": \(event.reason)"
      return "\(event.createTime?.description ?? "")  \(event.kind.argumentName)\(order)\(reason)"
    }
    return consent.rows(language) + [("history", history.joined(separator: "\n"))]
  }
}
