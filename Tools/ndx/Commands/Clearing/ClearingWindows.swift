import ArgumentParser
import Client
import Model
import Stubs

extension ClearingCommand {
  struct Windows: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List windows, oldest first.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those in this state.") var state: Named<SettlementV1.WindowState>?
    @Option(help: "Only those of this currency, ISO 4217.") var currency = ""
    @Option(help: "Only those of this environment.") var environment: Named<TypeV1.Environment>?
    @Option(help: "Only those paid in this way.") var model: Named<SettlementV1.SettlementModel>?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.list(pageSize: page.pageSize, pageToken: page.pageToken) {
          instance, size, token in
          let answer = try await ClearingServiceClient(instance).listWindows(
            .init(
              pageSize: size, pageToken: token, currencyCode: currency,
              environment: environment?.value ?? .unspecified,
              model: model?.value ?? .unspecified, state: state?.value ?? .unspecified))
          return (answer.windows, answer.nextPageToken)
        }
      }
      try session.display.show(
        answer.0, of: SettlementV1.ListWindowsResponse(windows: answer.0, nextPageToken: answer.1),
        nextPageToken: answer.1)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a window.")
    @OptionGroup var session: SessionOptions
    @Argument(help: "The window.") var id: WindowID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await ClearingServiceClient($0).getWindow(.init(windowID: id))
        }.window
      }
    }
  }

  struct Positions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "List what a closed window nets to, with its payments; others than staff see theirs.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Argument(help: "The window.") var id: WindowID

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.call {
          try await ClearingServiceClient($0).getPositions(
            .init(pageSize: page.pageSize, pageToken: page.pageToken, windowID: id))
        }
      }
      try session.display.show(answer.positions, of: answer, nextPageToken: answer.nextPageToken)
    }
  }

  struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Close an open window: its positions are fixed, the next opens (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The window.") var id: WindowID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call { instance in
          let clearing = ClearingServiceClient(instance)
          let window = try await clearing.getWindow(.init(windowID: id)).window
          return try await clearing.closeWindow(
            .init(
              requestID: request.id, currencyCode: window.currencyCode,
              environment: window.environment, model: window.model, windowID: id))
        }.window
      }
    }
  }
}

extension SettlementV1.Window: Presentable {
  private func amount(_ minorUnits: Int64) -> String {
    Currency(currencyCode).map { Layout.amount(minorUnits, $0) } ?? "\(minorUnits)"
  }

  static var headings: [String] {
    ["id", "state", "currency", "environment", "model", "pay-ins", "pay-outs", "opened"]
  }

  func cells(_ language: Language) -> [String] {
    [
      id.description, state.argumentName, currencyCode, environment.argumentName,
      model.argumentName, amount(payInTotal), amount(payOutTotal), openTime?.description ?? "",
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    let last = lastTransfer > 0 ? "\(lastTransfer)" : ""
    return [
      ("window", id.description), ("state", state.argumentName),
      ("currency", currencyCode), ("environment", environment.argumentName),
      ("model", model.argumentName), ("transfers", "\(firstTransfer)–\(last)"),
      ("pay-ins", amount(payInTotal)), ("pay-outs", amount(payOutTotal)),
      ("snapshot", snapshotSHA256?.hex ?? ""), ("attempt", attempt > 0 ? "\(attempt)" : ""),
      ("aborted because", abortReason), ("blocked by", blockedBy),
      ("next actor", nextActor.argumentName), ("due", dueTime?.description ?? ""),
      ("opened", openTime?.description ?? ""), ("closed", closeTime?.description ?? ""),
      ("settled", settleTime?.description ?? ""),
    ]
  }
}

extension SettlementV1.Position: Presentable {
  static var headings: [String] {
    ["account", "owner", "debits", "credits", "net", "payment", "amount", "state", "end-to-end id"]
  }

  func cells(_ language: Language) -> [String] {
    [
      accountID.description, ownerID?.description ?? "", "\(debits)", "\(credits)", "\(net)",
      leg?.direction.argumentName ?? "", leg.map { "\($0.amount)" } ?? "",
      leg?.state.argumentName ?? "", leg?.endToEndID ?? "",
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language))) + [
      ("bank's reference", leg?.bankReference ?? ""), ("set back because", leg?.lastReason ?? ""),
      ("final", leg?.finalTime?.description ?? ""),
    ]
  }
}
