import ArgumentParser
import Client
import Model
import Stubs

extension AuditCommand {
  /// `ndx audit erase`.
  struct Erase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make all details about a subject unreadable for ever (security officers).",
      discussion: """
        Entries, root and proofs stay; salt, sealed details and key are deleted and overwritten. It cannot \
        be undone.
        """)
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The subject, such as participant/ID.") var subject: String
    @Option(
      help: "On what ground, such as a decision's number; kept, so it must not name the subject.")
    var ground: String

    func run() async throws {
      try await session.show { exchange in
        try await exchange.log.eraseSubject(
          .init(requestID: request.id, subject: subject, ground: ground)
        ).erasure
      }
    }
  }

  /// `ndx audit erasures`.
  struct Erasures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List erasures (auditors and security officers).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those of this subject.") var subject = ""

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.log.listErasures(
          .init(pageSize: page.pageSize, pageToken: page.pageToken, subject: subject))
      }
      try session.display.show(answer.erasures, of: answer, nextPageToken: answer.nextPageToken)
    }
  }
}

extension AuditV1.Erasure: Presentable {
  static var headings: [String] { ["index", "time", "entries", "subject hash"] }

  func cells(_ language: Language) -> [String] {
    ["\(index)", eraseTime?.description ?? "", "\(erasedEntries)", subjectHash.hex]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}
