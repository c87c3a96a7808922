import GRDB

/// The same tables with the same rows: what was one of three values is a range now. SQLite builds a table of the values for
/// each row that it checks against three, which cost more than keeping the row.
enum RangeChecksSchema {
  static func apply(_ db: Database) throws {
    try ErasureTable(db).overwriteWhatIsDeleted()
    try db.execute(sql: entries)
    try db.execute(sql: postings)
  }

  private static let entries = """
    CREATE TABLE entry_row (
      idx INTEGER PRIMARY KEY CHECK (idx >= 0),
      kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
      time INTEGER NOT NULL,
      event_id BLOB NOT NULL CHECK (length(event_id) = 16),
      producer TEXT NOT NULL CHECK (length(producer) BETWEEN 1 AND 64),
      producer_sequence INTEGER NOT NULL CHECK (producer_sequence > 0),
      is_refused INTEGER NOT NULL CHECK (is_refused BETWEEN 0 AND 1),
      -- The 26 bytes that the usual form writes in hexadecimal; any other as it is, NULL where there is none. Texts and bytes
      -- sort after all numbers.
      traceparent ANY CHECK (traceparent >= ''),
      details_hash BLOB NOT NULL CHECK (length(details_hash) = 32),
      -- Follows from the rest: tells which is altered, the row or the tile.
      leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32)
    ) STRICT;
    INSERT INTO entry_row SELECT idx, kind, time, event_id, producer, producer_sequence, is_refused, traceparent,
      details_hash, leaf_hash FROM entry ORDER BY idx;
    DROP TABLE entry;
    ALTER TABLE entry_row RENAME TO entry;
    CREATE UNIQUE INDEX entry_event ON entry (event_id);
    CREATE INDEX entry_kind ON entry (kind, idx);
    CREATE INDEX entry_refused ON entry (idx) WHERE is_refused = 1;
    CREATE INDEX entry_kind_refused ON entry (kind, idx) WHERE is_refused = 1;
    """

  private static let postings = """
    CREATE TABLE posting_row (
      segment INTEGER NOT NULL CHECK (segment = idx >> 16),
      subject_id INTEGER NOT NULL,
      idx INTEGER NOT NULL,
      role INTEGER NOT NULL CHECK (role BETWEEN 0 AND 2),
      PRIMARY KEY (segment, subject_id, idx, role)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO posting_row SELECT segment, subject_id, idx, role FROM posting
      ORDER BY segment, subject_id, idx, role;
    DROP TABLE posting;
    ALTER TABLE posting_row RENAME TO posting;
    """
}
