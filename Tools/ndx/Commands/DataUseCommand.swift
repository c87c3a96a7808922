import ArgumentParser
import Client
import Model
import Stubs

extension ConsentCommand {
  struct Uses: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List who used data about you, what for, and what you got for it (citizen).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.list(pageSize: page.pageSize, pageToken: page.pageToken) {
          instance, size, token in
          let answer = try await CitizenServiceClient(instance).listDataUses(
            .init(pageSize: size, pageToken: token))
          return (answer.uses, answer.nextPageToken)
        }
      }
      try session.display.show(
        answer.0, of: SettlementV1.ListDataUsesResponse(uses: answer.0, nextPageToken: answer.1),
        nextPageToken: answer.1)
    }
  }
}

extension SettlementV1.DataUse: Presentable {
  static var headings: [String] {
    ["order", "consumer", "purpose", "state", "placed", "last access", "dividend"]
  }

  func cells(_ language: Language) -> [String] {
    [
      orderID.description, consumerID.description, purpose, state.argumentName,
      createTime?.description ?? "", lastGrantTime?.description ?? "",
      dividend.map { Layout.amount($0) } ?? "",
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("order", orderID.description), ("consumer", consumerID.description),
      ("provider", providerID.description), ("product", productID.description),
      ("purpose", purpose), ("state", state.argumentName),
      ("consents", consentIDs.map(\.description).joined(separator: "\n")),
      ("placed", createTime?.description ?? ""), ("grants", "\(grants)"),
      ("last access", lastGrantTime?.description ?? ""),
      ("delivered", deliveryTime?.description ?? ""),
      ("dividend", dividend.map { Layout.amount($0) } ?? ""),
      ("fund", fundShare.map { Layout.amount($0) } ?? ""),
    ]
  }
}
