import ArgumentParser
import Client
import Model
import Stubs

/// `ndx invoice`.
struct InvoiceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invoice",
    abstract: "See the invoices and credit notes about the money of orders.",
    discussion: """
      EXAMPLES
        ndx invoice list --order ORDER --profile company
        ndx invoice show INVOICE --language en --profile company > invoice.txt
      """,
    subcommands: [List.self, Show.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List those that the profile is seller or buyer of, oldest first; all for staff.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those of this order.") var order: OrderID?
    @Option(help: "Only those of this kind.") var kind: Named<SettlementV1.InvoiceKind>?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.list(
          pageSize: page.pageSize, pageToken: page.pageToken
        ) { instance, size, token in
          let answer = try await InvoiceServiceClient(instance).listInvoices(
            .init(
              pageSize: size, pageToken: token, orderID: order,
              kind: kind?.value ?? .unspecified))
          return (answer.invoices, answer.nextPageToken)
        }
      }
      try session.display.show(
        answer.0,
        of: SettlementV1.ListInvoicesResponse(invoices: answer.0, nextPageToken: answer.1),
        nextPageToken: answer.1)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print one, as lines ready for print in the language of messages.")
    @OptionGroup var session: SessionOptions
    @Argument(help: "The invoice or credit note.") var id: InvoiceID

    func run() async throws {
      try await session.connected { exchange in
        switch session.display.output {
        case .json:
          let invoice = try await exchange.settlement.call {
            try await InvoiceServiceClient($0).getInvoice(.init(invoiceID: id))
          }.invoice
          Console.write(try ProtoJSON.text(of: invoice))
        case .text:
          Console.write(
            try await exchange.settlement.call {
              try await InvoiceServiceClient($0).printInvoice(.init(invoiceID: id))
            }.content)
        }
      }
    }
  }
}

extension SettlementV1.Invoice: Presentable {
  static var headings: [String] {
    ["id", "number", "kind", "order", "total", "corrects", "issued"]
  }

  func cells(_ language: Language) -> [String] {
    [
      id.description, number, kind.argumentName, orderID.description, Layout.amount(total),
      correctsNumber, issueTime?.description ?? "",
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}
