import ArgumentParser
import Client
import Model
import Stubs

/// `ndx tax`.
struct TaxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tax",
    abstract: "See and change the rules of value-added tax.",
    discussion: """
      EXAMPLES
        ndx tax rules --profile company
        ndx tax propose --jurisdiction VN --supply domestic --rate 500 \\
          --from 2027-07-01T00:00:00+07:00 --source "Law ..." --profile officer-1
        ndx tax approve 4 --profile officer-2
      """,
    subcommands: [Rules.self, Propose.self, Approve.self])

  /// The instance that is named, or all of them.
  private static func instances(
    _ exchange: ExchangeConnection, _ name: String?
  ) async throws -> [SettlementInstances.Instance] {
    let all = try await exchange.settlement.all()
    guard let name else { return all }
    return [try SettlementInstances.Instance.named(name, among: all)]
  }

  /// Each instance has the rules, and gives them versions of its own: where these differ, they are told on standard error.
  private static func everywhere(
    _ exchange: ExchangeConnection, _ name: String?,
    _ body: (TaxServiceClient) async throws -> SettlementV1.TaxRule
  ) async throws -> SettlementV1.TaxRule {
    var rules: [SettlementV1.TaxRule] = []
    let instances = try await instances(exchange, name)
    for instance in instances { rules.append(try await body(TaxServiceClient(instance.channel))) }
    if Set(rules.map(\.version)).count > 1 {
      for (instance, rule) in zip(instances, rules) {
        Console.note("\(instance.name): version \(rule.version)")
      }
    }
    return rules[0]
  }

  struct Rules: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the rules, oldest first.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "The instance of settlement whose rules these are; by default the first.")
    var partition: String?

    func run() async throws {
      let answer = try await session.connected { exchange in
        let instance = try await TaxCommand.instances(exchange, partition)[0]
        return try await TaxServiceClient(instance.channel).listTaxRules(
          .init(pageSize: page.pageSize, pageToken: page.pageToken))
      }
      try session.display.show(answer.rules, of: answer, nextPageToken: answer.nextPageToken)
    }
  }

  struct Propose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a rule, to be approved by another (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Option(help: "Jurisdiction of the supplier, ISO 3166-1 alpha-2.") var jurisdiction: String
    @Option(help: "Which supplies it covers.") var supply: Named<SettlementV1.TaxSupply>
    @Option(help: "Only this class of data.") var dataClass: Named<CatalogV1.DataClass>?
    @Option(help: "Rate in basis points: 1000 is 10 %.") var rate: Int32
    @Flag(help: "The supply is outside the tax altogether.") var exempt = false
    @Option(help: "From when it counts, RFC 3339.") var from: Timestamp
    @Option(help: "Until when it counts, RFC 3339; without end by default.")
    var until: Timestamp?
    @Option(help: "The law that it follows from.") var source: String
    @Option(help: "One instance of settlement alone; by default all of them.") var partition:
      String?

    func run() async throws {
      let rule = SettlementV1.TaxRule(
        jurisdiction: jurisdiction, supply: supply.value,
        dataClass: dataClass?.value ?? .unspecified, rateBasisPoints: rate, exempt: exempt,
        validFrom: from, validUntil: until, legalSource: source)
      try await session.show { exchange in
        try await TaxCommand.everywhere(exchange, partition) {
          try await $0.proposeTaxRule(.init(requestID: request.id, rule: rule)).rule
        }
      }
    }
  }

  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Approve a rule that another officer proposed (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "Its version.") var version: Int32
    @Option(help: "One instance of settlement alone; by default all of them.") var partition:
      String?

    func run() async throws {
      try await session.show { exchange in
        try await TaxCommand.everywhere(exchange, partition) {
          try await $0.approveTaxRule(.init(requestID: request.id, version: version)).rule
        }
      }
    }
  }
}

extension SettlementV1.OrderTax {
  var percentage: String { basisPoints(rateBasisPoints) }
}

/// `8 %`, `8.25 %`.
private func basisPoints(_ rate: Int32) -> String {
  let (whole, rest) = rate.quotientAndRemainder(dividingBy: 100)
  guard rest > 0 else { return "\(whole) %" }
  return "\(whole).\(rest < 10 ? "0" : "")\(rest) %"
}

extension SettlementV1.TaxRule: Presentable {
  static var headings: [String] {
    ["version", "jurisdiction", "supply", "class", "rate", "from", "until", "source"]
  }

  func cells(_ language: Language) -> [String] {
    [
      "\(version)", jurisdiction, supply.argumentName,
      dataClass == .unspecified ? "any" : dataClass.argumentName,
      exempt ? "exempt" : basisPoints(rateBasisPoints), validFrom.description,
      validUntil?.description ?? "", legalSource,
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language))) + [
      ("proposed by", proposerID?.description ?? ""),
      ("approved by", approverID?.description ?? ""),
      ("approved", approveTime?.description ?? "waits for another officer"),
    ]
  }
}
