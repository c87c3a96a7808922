import Model

/// What banks are asked and what they report, as the design describes it.
struct ReferenceBank {
  /// A line of a report, as it is kept.
  struct Line: Hashable {
    let statement: String
    let reference: String
    let outcome: SettlementV1.LineOutcome
    let reason: SettlementV1.UnmatchedReason
    let window: WindowID?
  }

  /// A line as a bank writes it.
  struct Entry: Hashable {
    enum Status: String {
      case booked = "BOOK"
      case pending = "PDNG"
      case rejected = "RJCT"
      case underWay = "ACSC"
      case unknown = "XXXX"
    }
    /// Empty when it carries none.
    var reference: String
    var amount: Int64 = 0
    var currency = "VND"
    var isCredit = true
    /// The bank's own reference.
    var proof = ""
    var status: Status
  }

  enum Kind: String, CaseIterable {
    case pain002 = "pain.002"
    case camt053 = "camt.053"
    case camt054 = "camt.054"
  }

  struct Report: Hashable {
    let id: String
    let kind: Kind
    var isSandbox = false
    /// The file that statuses are about.
    var original = ""
    /// Whether the status is one of the whole file.
    var isOfFile = false
    var entries: [Entry]
    /// Whether its balances contradict its entries.
    var isWrong = false
  }

  struct Counts: Hashable {
    var matched: Int32 = 0
    var rejected: Int32 = 0
    var unmatched: Int32 = 0
    var skipped: Int32 = 0
    var other: Int32 = 0
  }

  /// A line that was read before: environment, report, place and what it says.
  struct Key: Hashable {
    let isSandbox: Bool
    let kind: Kind
    let report: String
    let original: String
    let place: Int
    let entry: Entry
  }

  var known: Set<Key> = []
  var lines: [Line] = []
  /// What each file asks for, in order of reference.
  var files: [String: [String]] = [:]
}

extension ReferenceTrades {
  /// Asks for the payments of a window: those not sent yet, or else the last file again.
  mutating func export(
    _ id: WindowID, _ direction: SettlementV1.LegDirection, isInitiation: Bool, isRepeatable: Bool,
    at now: Timestamp
  ) -> String? {
    change(id, at: now) { window, _ in
      if isInitiation, direction == .payIn { return "DIRECTION_NOT_OF_FORMAT" }
      let pending = window.pending(direction)
      if pending.isEmpty { return isRepeatable ? nil : "NOTHING_TO_SEND" }
      guard window.state == .settling else { return "WINDOW_STATE_CONFLICT" }
      if direction == .payOut, window.areInsOpen { return "PAY_INS_MISSING" }
      for index in pending { window.legs[index].isSent = true }
      return nil
    }
  }

  /// Reads a report: a line that was read before says nothing again, and every other is kept.
  mutating func read(
    _ report: ReferenceBank.Report, at now: Timestamp, _ counts: inout ReferenceBank.Counts
  ) -> String? {
    counts = .init()
    if report.isWrong { return "REPORT_TOTALS_MISMATCH" }
    var entries = report.entries.enumerated().map { ($0, $1) }
    if report.isOfFile, let status = report.entries.first,
      let references = bank.files[report.original]
    {
      // A status of a whole file is one of each payment in it.
      entries = references.map { reference in
        var entry = status
        entry.reference = reference
        return (0, entry)
      }
    }
    for (place, entry) in entries { take(entry, at: place, of: report, now, &counts) }
    return nil
  }

  private mutating func take(
    _ entry: ReferenceBank.Entry, at place: Int, of report: ReferenceBank.Report, _ now: Timestamp,
    _ counts: inout ReferenceBank.Counts
  ) {
    let key = ReferenceBank.Key(
      isSandbox: report.isSandbox, kind: report.kind, report: report.id,
      original: report.original, place: place, entry: entry)
    guard bank.known.insert(key).inserted else { return counts.skipped += 1 }
    let id = windows.values.first {
      !entry.reference.isEmpty && $0.legs.contains { $0.reference == entry.reference }
    }?.id
    if let id { windows[id]?.passDeadline(at: now) }
    let (outcome, reason) = judge(entry, id, isSandbox: report.isSandbox, at: now)
    switch outcome {
    case .matched: counts.matched += 1
    case .rejected: counts.rejected += 1
    case .unmatched: counts.unmatched += 1
    case .repeated, .noted, .unspecified, .unrecognized: counts.other += 1
    }
    bank.lines.append(
      .init(
        statement: report.id, reference: entry.reference, outcome: outcome, reason: reason,
        window: report.isSandbox ? nil : id))
  }

  /// What a line says of the payment that it names, and what follows.
  private mutating func judge(
    _ entry: ReferenceBank.Entry, _ id: WindowID?, isSandbox: Bool, at now: Timestamp
  ) -> (SettlementV1.LineOutcome, SettlementV1.UnmatchedReason) {
    if entry.reference.isEmpty { return (.unmatched, .noReference) }
    guard let id, let window = windows[id],
      let index = window.legs.firstIndex(where: { $0.reference == entry.reference })
    else { return (.unmatched, .referenceUnknown) }
    if isSandbox { return (.unmatched, .environmentMismatch) }
    let leg = window.legs[index]
    switch entry.status {
    case .underWay: return (.noted, .unspecified)
    case .unknown: return (.unmatched, .statusUnknown)
    case .rejected:
      guard leg.isSent, !leg.isFinal else { return (.unmatched, .notExpected) }
      windows[id]?.legs[index].isSent = false
      return (.rejected, .unspecified)
    case .booked, .pending: break
    }
    if entry.currency != "VND" { return (.unmatched, .currencyMismatch) }
    // What the exchange gets is a credit on its account.
    if entry.isCredit != (leg.net < 0) { return (.unmatched, .directionMismatch) }
    if entry.status == .pending { return (.unmatched, .notBooked) }
    if leg.isFinal {
      return leg.proof == entry.proof ? (.repeated, .unspecified) : (.unmatched, .duplicate)
    }
    if entry.amount < abs(leg.net) { return (.unmatched, .partialAmount) }
    if entry.amount > abs(leg.net) { return (.unmatched, .excessAmount) }
    guard confirm(id, of: leg.member, by: entry.proof, at: now) == nil else {
      return (.unmatched, .notExpected)
    }
    return (.matched, .unspecified)
  }
}

extension ReferenceWindow {
  /// The payments of a direction that no bank was asked for, or that one has set back.
  func pending(_ direction: SettlementV1.LegDirection) -> [Int] {
    legs.indices.filter {
      (legs[$0].net < 0) == (direction == .payIn) && !legs[$0].isSent && !legs[$0].isFinal
    }
  }
}
