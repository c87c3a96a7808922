import GRDB

/// Audit events that wait in the outbox.
enum OutboxStory {
  static func read(_ subject: String, _ db: Database) throws -> [String] {
    try String.fetchAll(
      db,
      sql: """
        SELECT CASE outcome WHEN 'refused' THEN kind || ' ' || (payload ->> 'reason') ELSE kind END
        FROM outbox WHERE EXISTS (SELECT 1 FROM json_each(subjects) WHERE value = ?)
        ORDER BY sequence
        """, arguments: [subject])
  }
}
