import ArgumentParser
import Client
import Model
import Stubs

/// An order and why something is done to its agreement.
struct OrderAndReason: ParsableArguments {
  @Argument(help: "The order.") var id: OrderID
  @Option(help: "Why, for the record.") var reason: String
}

extension OrderCommand {
  struct Refund: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give back what was paid out, all or a part (provider).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: OrderAndReason
    @Option(help: "How much with its tax, such as \"500000 VND\"; all that is left by default.")
    var amount: MoneyArgument?

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).refundOrder(
            .init(
              requestID: request.id, orderID: subject.id,
              amountMinorUnits: amount?.money.minorUnits ?? 0, reason: subject.reason))
        }.order
      }
    }
  }

  struct CancelRenewal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a subscription end with the period that is paid (consumer, provider).",
      discussion: "After the notice that the offer asks for, the next period is still charged.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: OrderAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).cancelRenewal(
            .init(requestID: request.id, orderID: subject.id, reason: subject.reason))
        }.order
      }
    }
  }

  struct Suspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop delivery for now (provider, security officer, arbiter).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: OrderAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).suspendAgreement(
            .init(requestID: request.id, orderID: subject.id, reason: subject.reason))
        }.order
      }
    }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let delivery go on; what the exchange suspended, only it resumes.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: OrderAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).resumeAgreement(
            .init(requestID: request.id, orderID: subject.id, reason: subject.reason))
        }.order
      }
    }
  }

  struct Terminate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End the right to the data for good; before delivery with a full refund.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: OrderAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).terminateAgreement(
            .init(requestID: request.id, orderID: subject.id, reason: subject.reason))
        }.order
      }
    }
  }
}
