import Foundation
import Model
import RPC
import SettlementDomain
import Stubs
import TestSupport
import Testing

/// Files that other people's software wrote, and files that are too long.
struct OtherWritersTests {
  private static let hasPackages = PaymentFileTests.hasPackages

  private static let entries = [
    BankReports.Entry(endToEndID: "NDXL1", amount: "12.00", reference: "R1 <&> \"quoted\""),
    BankReports.Entry(endToEndID: "NDXL2", amount: "7", isCredit: false, reference: "R2"),
    BankReports.Entry(endToEndID: "NOTPROVIDED", amount: "3", reference: "R3", status: "PDNG"),
  ].map { entry in
    var escaped = entry
    escaped.reference = entry.reference.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return escaped
  }

  /// The same report with prefixes, other white space and everything else that pyiso20022 does differently.
  @Test(.enabled(if: hasPackages, "the packages of Tests/requirements.txt are not installed"))
  func reportWrittenByAnotherLibraryReadsTheSame() throws {
    let folder = try TemporaryDirectory()
    let reports = [
      BankReports.statement("S", Self.entries, closing: 1_000_005),
      BankReports.notification("N", Self.entries),
      BankReports.rejection("P", of: "M", "NDXL1"), BankReports.rejection("P", of: "M", nil),
    ]
    let paths = try reports.enumerated().map { index, text in
      let path = folder.file("\(index).xml")
      try Data(text.utf8).write(to: URL(filePath: path))
      return path
    }
    let script = PaymentFileTests.repository.appending(
      path: "Tests/SettlementTests/Python/rewrite_bank_files.py")
    let status = try PaymentFileTests.run([script.path] + paths)
    #expect(status == 0)
    for (path, text) in zip(paths, reports) {
      let theirs = [UInt8](try Data(contentsOf: URL(filePath: path + ".again")))
      #expect(theirs != Array(text.utf8))
      let report = try BankReport(theirs)
      let ours = try BankReport(Array(text.utf8))
      #expect(report.kind == ours.kind && report.messageID == ours.messageID)
      #expect(!report.lines.isEmpty && report.lines == ours.lines)
    }
  }

  /// pain001 brings a file with every element of each version of pain.001: ours must read any message.
  @Test(.enabled(if: hasPackages, "the packages of Tests/requirements.txt are not installed"))
  func everyMessageThatAPackageBringsIsRead() throws {
    let packages = PaymentFileTests.repository.appending(path: ".venv/lib")
      .resolvingSymlinksInPath()
    let files = FileManager.default.enumerator(at: packages, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }
      .filter { $0.pathExtension == "xml" && $0.lastPathComponent.hasPrefix("01-transfer-every") }
    let found = try #require(files)
    #expect(found.count > 5)
    for file in found {
      let bytes = [UInt8](try Data(contentsOf: file))
      let root = try XMLReader.read(bytes)
      #expect(root.name == "Document" && !root.children.isEmpty, "\(file.lastPathComponent)")
      // Not a report: refused as such, and not as malformed.
      #expect(throws: ReportFault(.kindUnknown, line: root.line, element: "Document")) {
        try BankReport(bytes)
      }
    }
  }

  @Test func statementThatIsTooLongIsRefusedAndSaysSo() async throws {
    let exchange = try await TestClearing()
    let entry = BankReports.statement("S", Self.entries, closing: 1_000_005)
    func report(_ size: Int) -> String { entry + String(repeating: " ", count: size) }
    await expectRefusal("INVALID_FIELD", .invalidArgument) {
      try await exchange.importReport(report(2_097_152))
    }
    do {
      _ = try await exchange.importReport(report(5 << 20))
      Issue.record("was not refused")
    } catch let status as RPCStatus {
      #expect(status.code == .resourceExhausted)
      #expect(status.message.contains("4194304"))
    }
    let imported = try await exchange.importReport(entry)
    #expect(imported.statementID == "S")
    await exchange.shutdown()
  }
}
