import GRDB
import Model
import ServiceRuntime
import SettlementDomain

/// The disputes: one for an order at most.
struct DisputeTable {
  let db: Database

  init(_ db: Database) { self.db = db }

  func save(_ dispute: Dispute, of number: Int64) throws {
    let (answer, reply) = (dispute.answer, dispute.reply)
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO dispute (order_number, reason, objection, objection_evidence, objection_time,
          answer, answer_evidence, answer_time, reply_due, reply, reply_evidence, reply_time,
          outcome, arbiter_id, refund, explanation, end_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (order_number) DO UPDATE SET answer = excluded.answer,
          answer_evidence = excluded.answer_evidence, answer_time = excluded.answer_time,
          reply_due = excluded.reply_due, reply = excluded.reply,
          reply_evidence = excluded.reply_evidence, reply_time = excluded.reply_time,
          outcome = excluded.outcome, arbiter_id = excluded.arbiter_id, refund = excluded.refund,
          explanation = excluded.explanation, end_time = excluded.end_time
        WHERE outcome IS NULL
        """)
    let decision = dispute.decision
    try statement.execute(arguments: [
      number, dispute.reason.rawValue, dispute.objection.text, Self.blob(dispute.objection),
      dispute.objection.createTime, answer?.text, answer.map(Self.blob), answer?.createTime,
      dispute.replyDue, reply?.text, reply.map(Self.blob), reply?.createTime,
      dispute.outcome?.rawValue, decision?.arbiterID, decision?.refund ?? 0,
      decision?.explanation, dispute.endTime,
    ])
  }

  func find(_ number: Int64) throws -> Dispute? {
    let statement = try db.cachedStatement(sql: "SELECT * FROM dispute WHERE order_number = ?")
    guard let row = try Row.fetchOne(statement, arguments: [number]) else { return nil }
    let outcome: DisputeOutcome? = row["outcome"] == nil ? nil : try row.value("outcome")
    var decision: Decision?
    if let arbiter: ParticipantID = try row.idIfPresent("arbiter_id"), let outcome {
      decision = Decision(
        arbiterID: arbiter, outcome: outcome, refund: row["refund"],
        explanation: row["explanation"])
    }
    guard let objection = try Self.statement("objection", row) else {
      throw StoredValueError(column: "objection")
    }
    return Dispute(
      reason: try row.value("reason"), objection: objection,
      answer: try Self.statement("answer", row),
      replyDue: try row.decode(Timestamp?.self, forColumn: "reply_due"),
      reply: try Self.statement("reply", row), decision: decision, outcome: outcome,
      endTime: try row.decode(Timestamp?.self, forColumn: "end_time"))
  }

  private static func blob(_ statement: DisputeStatement) -> Blob {
    Blob(statement.evidence.flatMap(\.bytes))
  }

  private static func statement(_ name: String, _ row: Row) throws -> DisputeStatement? {
    guard let text: String = row[name] else { return nil }
    let bytes = try row.decode(Blob.self, forColumn: "\(name)_evidence").bytes
    let evidence = try stride(from: 0, to: bytes.count, by: 32).map { start in
      guard let digest = Digest(bytes: bytes[start..<min(start + 32, bytes.count)]) else {
        throw StoredValueError(column: "\(name)_evidence")
      }
      return digest
    }
    return DisputeStatement(
      text: text, evidence: evidence, createTime: try row.time("\(name)_time"))
  }
}
