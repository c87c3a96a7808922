import ArgumentParser
import Client
import Model
import Stubs

extension ClearingCommand {
  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask for the pay-ins of a closed window (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The window.") var id: WindowID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await ClearingServiceClient($0)
            .startSettlement(.init(requestID: request.id, windowID: id))
        }.window
      }
    }
  }

  struct Confirm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record that a member's payment is final (clearing officer).",
      discussion: "For payments that no report tells of; `import` does it for those that one does.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The window.") var id: WindowID
    @Option(help: "The member.") var participant: ParticipantID
    @Option(help: "The bank's reference that proves it.") var reference: String

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await ClearingServiceClient($0).confirmLeg(
            .init(
              requestID: request.id, windowID: id, participantID: participant,
              bankReference: reference))
        }.position
      }
    }
  }

  struct Abort: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Call settlement off, as long as no pay-out was sent (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The window.") var id: WindowID
    @Option(help: "Why, for the record.") var reason: String

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await ClearingServiceClient($0)
            .abortWindow(.init(requestID: request.id, windowID: id, reason: reason))
        }.window
      }
    }
  }

  struct Reopen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take an aborted window back to closed, to be started anew (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The window.") var id: WindowID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await ClearingServiceClient($0)
            .reopenWindow(.init(requestID: request.id, windowID: id))
        }.window
      }
    }
  }
}
