import AuditDomain
import AuditStore
import GRDB
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  private static let reportedFaults = 1_000

  /// Reads everything that is stored, in pieces that let others read and write between them, and at last lets SQLite
  /// check the file. An answer follows each piece.
  /// - Throws: `AuditError.verificationRunning`.
  func verifyLog(
    _ request: AuditV1.VerifyLogRequest, _ context: CallContext,
    _ writer: ResponseWriter<AuditV1.VerifyLogResponse>
  ) async throws {
    let language = context.language
    try await inspections.run(orThrow: AuditError.verificationRunning) {
      try await revocations.whileValid(context) { [self] in
        try await inspect { try await writer.write($0.response(in: language)) }
      }
    }
  }

  /// What an inspection has found so far.
  struct Findings: Sendable {
    var inspection: LogInspection
    var faults: [LogFault] = []
    var known: Set<LogFault> = []
    var isFinished = false

    /// Keeps what has not been reported.
    fileprivate mutating func add(_ found: [LogFault]) {
      faults = found.filter { known.insert($0).inserted }
      let room = AuditHandler.reportedFaults - (known.count - faults.count)
      faults = Array(faults.prefix(max(0, room)))
    }

    func response(in language: Language) -> AuditV1.VerifyLogResponse {
      AuditV1.VerifyLogResponse(
        checkedEntries: Int64(inspection.checked), totalEntries: Int64(inspection.total),
        faults: faults.map { fault in
          AuditV1.LogFault(
            part: fault.part, key: fault.key, message: fault.text[language])
        }, faultCount: Int64(known.count), isFinished: isFinished)
    }
  }

  func inspect(_ report: (Findings) async throws -> Void) async throws {
    let published = try? await head.covering(0, within: .zero)
    var findings = Findings(
      inspection: LogInspection(key: verifierKey, published: published?.size))
    while !findings.inspection.isFinished {
      let (inspection, found) = try await step(findings.inspection)
      findings.inspection = inspection
      findings.add(found)
      try await report(findings)
      if found.contains(where: { $0.part == .database }) { break }
    }
    findings.add(try await database.read { try FileInspection($0).faults() })
    findings.isFinished = true
    try await report(findings)
  }

  /// A piece that SQLite cannot read is a fault of the file, and ends the inspection.
  private func step(
    _ inspection: LogInspection
  ) async throws -> (LogInspection, [LogFault]) {
    do {
      return try await database.read { db in
        var inspection = inspection
        let faults = try inspection.step(db)
        return (inspection, faults)
      }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      return (inspection, [.altered(.database, "")])
    }
  }
}
