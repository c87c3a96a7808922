import Crypto
import Foundation
import Model
import RPC
import ServiceRuntime
import TestSupport

@testable import SettlementAPI

/// Files to banks, and what banks report: late, twice, of the wrong payment or of none.
extension TradeSimulation {
  func stepBank() async throws {
    switch number(0...9) {
    case 0..<4: try await export()
    case 4..<9: try await read(report())
    default:
      // A report of long ago arrives once more.
      guard let report = reports.randomElement(using: &random) else { return }
      try await read(report)
    }
  }

  // MARK: Out

  private func export() async throws {
    let recent = reference.windows.values.filter { $0.model == .net && !$0.legs.isEmpty }
      .sorted { $0.first < $1.first }.suffix(4)
    guard let window = recent.randomElement(using: &random) else { return }
    let (id, request, now, officer) = (window.id, request(), time.now, world.officer)
    let isInitiation = chance(50)
    let direction: SettlementV1.LegDirection = chance(50) ? .payIn : .payOut
    let file = "\(id) \(isInitiation) \(direction)"
    let before = files[file]
    let answer = try await ask("exporting \(direction) of \(id)") {
      $0.export(
        id, direction, isInitiation: isInitiation, isRepeatable: before != nil, at: now)
    } _: { exchange in
      var response = try await exchange.clearing.exportPayments(
        .init(
          requestID: request, windowID: id, format: isInitiation ? .pain001 : .pacs009,
          direction: direction), officer)
      response.replayed = false
      return response
    }
    guard let answer else { return }
    try require(
      answer.contentSHA256 == Digest.sha256(of: answer.content), "the digest of a file is wrong")
    let sent = window.pending(direction).map { window.legs[$0] }
    if sent.isEmpty {
      return try require(answer == before, "a file of \(id) is another when it is asked for again")
    }
    let text = String(decoding: answer.content, as: UTF8.self)
    for leg in sent {
      try require(
        text.components(separatedBy: ">\(leg.reference)<").count == 2
          && text.contains("Ccy=\"VND\">\(abs(leg.net))<"),
        "\(leg) is not in its file once")
    }
    try require(
      answer.payments == Int32(sent.count) && reference.bank.files[answer.messageID] == nil,
      "\(answer.messageID) asks for \(answer.payments) payments instead of \(sent.count)")
    files[file] = answer
    reference.bank.files[answer.messageID] = sent.map(\.reference).sorted()
    try await compareLegs(of: id)
  }

  // MARK: In

  private func report() -> ReferenceBank.Report {
    let kind = ReferenceBank.Kind.allCases.randomElement(using: &random) ?? .camt053
    // At times under a name that was used before.
    let number = chance(90) ? reports.count + 1 : number(1...reports.count + 1)
    var report = ReferenceBank.Report(
      id: "R-\(number)", kind: kind, isSandbox: chance(4), entries: [],
      isWrong: kind == .camt053 && chance(5))
    let legs = reference.windows.values.sorted { $0.first < $1.first }.filter {
      $0.state == .settling || chance($0.state == .settled ? 15 : 40)
    }.suffix(4).flatMap(\.legs)
    guard kind == .pain002 else {
      report.entries = (0...self.number(0...3)).map { _ in
        entry(legs.randomElement(using: &random))
      }
      return report
    }
    report.original =
      chance(90)
      ? reference.bank.files.keys.sorted().suffix(6).randomElement(using: &random) ?? "NONE"
      : "NONE"
    report.isOfFile = chance(25)
    var sent = reference.bank.files[report.original] ?? []
    if chance(10) { sent = legs.map(\.reference) }
    let statuses: [ReferenceBank.Entry.Status] = [.rejected, .rejected, .underWay, .unknown]
    report.entries = [
      .init(
        reference: report.isOfFile ? "" : sent.randomElement(using: &random) ?? "NDXLnone",
        status: statuses.randomElement(using: &random) ?? .unknown)
    ]
    return report
  }

  /// Mostly what was paid; otherwise something near it.
  private func entry(_ leg: ReferenceWindow.Leg?) -> ReferenceBank.Entry {
    nextTransfer += 1
    let proof = "FT\(nextTransfer)"
    guard let leg else {
      return .init(
        reference: chance(50) ? "" : "NDXLnone", amount: 5, proof: proof, status: .booked)
    }
    var entry = ReferenceBank.Entry(
      reference: leg.reference, amount: abs(leg.net), isCredit: leg.net < 0,
      proof: leg.isFinal && chance(50) ? leg.proof : proof, status: .booked)
    switch number(0...19) {
    case 0: entry.amount -= entry.amount > 1 ? 1 : 0
    case 1: entry.amount += 1
    case 2: entry.currency = "JPY"
    case 3: entry.isCredit.toggle()
    case 4: entry.status = .pending
    case 5: entry.reference = ""
    default: break
    }
    return entry
  }

  private func read(_ report: ReferenceBank.Report) async throws {
    let (request, now, officer) = (request(), time.now, world.officer)
    let content = Array(BankReports.text(of: report).utf8)
    var counts = ReferenceBank.Counts()
    let answer = try await ask("reading \(report)") {
      $0.read(report, at: now, &counts)
    } _: { exchange in
      var response = try await exchange.clearing.importStatement(
        .init(
          requestID: request, environment: report.isSandbox ? .sandbox : .live, content: content),
        officer)
      response.replayed = false
      return response
    }
    guard let answer else { return }
    reports.append(report)
    let found = (answer.matched, answer.rejected, answer.unmatched, answer.skipped)
    try require(
      found == (counts.matched, counts.rejected, counts.unmatched, counts.skipped)
        && answer.known == (found.0 + found.1 + found.2 + counts.other == 0),
      "\(report) came to \(answer) instead of \(counts)")
    for window in answer.windows {
      try require(
        window.state == reference.windows[window.id]?.state, "\(window.id) is \(window.state)")
      try await compareLegs(of: window.id)
    }
  }

  // MARK: Comparing

  func compareLegs(of window: WindowID) async throws {
    let positions = try await exchange.clearing.getPositions(
      .init(pageSize: 500, windowID: window), world.officer
    ).positions
    let found = positions.compactMap { position in
      position.leg.map { (position.accountID, $0) }
    }
    let known = reference.windows[window]?.legs ?? []
    try require(found.count == known.count, "\(window) has \(found.count) payments")
    for (account, leg) in found {
      let wanted = known.first { $0.account == account }
      let state: SettlementV1.LegState =
        wanted?.isFinal == true ? .final : wanted?.isSent == true ? .sent : .pending
      try require(
        leg.state == state && leg.endToEndID == wanted?.reference
          && leg.bankReference == wanted?.proof,
        "\(leg) of \(window) instead of \(String(describing: wanted))")
    }
  }

  /// Every line that a bank ever reported is kept with what became of it, in order.
  func compareLines() async throws {
    var found: [ReferenceBank.Line] = []
    var token = ""
    repeat {
      let page = try await exchange.clearing.listStatementLines(
        .init(pageSize: 500, pageToken: token), world.officer)
      found += page.lines.map {
        .init(
          statement: $0.statementID, reference: $0.endToEndID, outcome: $0.outcome,
          reason: $0.reason, window: $0.windowID)
      }
      token = page.nextPageToken
    } while !token.isEmpty
    try require(found == reference.bank.lines, "the lines of banks' reports are not as they came")
  }
}

extension BankReports {
  static func text(of report: ReferenceBank.Report) -> String {
    let entries = report.entries.map {
      Entry(
        endToEndID: $0.reference.isEmpty ? "NOTPROVIDED" : $0.reference, amount: "\($0.amount)",
        currency: $0.currency, isCredit: $0.isCredit, reference: $0.proof,
        status: $0.status.rawValue)
    }
    switch report.kind {
    case .camt053: return statement(report.id, entries, closing: report.isWrong ? -1 : nil)
    case .camt054: return notification(report.id, entries)
    case .pain002:
      return rejection(
        report.id, of: report.original, report.isOfFile ? nil : report.entries[0].reference,
        report.entries[0].status.rawValue)
    }
  }
}
