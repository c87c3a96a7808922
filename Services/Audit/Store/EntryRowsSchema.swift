import GRDB
import ServiceRuntime
import TransparencyLog

/// Entries by their members instead of their bytes, which follow from them: a third of the space. Postings are in
/// segments, so that taking in an event touches the newest pages only, however many subjects there are; and the times of
/// entries are found by span. What foreign keys promised, each at the cost of a look, VerifyLog checks.
enum EntryRowsSchema {
  static func apply(_ db: Database) throws {
    // What moves would be left in the pages it moved from, where no later erasure finds it.
    try ErasureTable(db).overwriteWhatIsDeleted()
    try db.execute(sql: tables)
    try moveEntries(db)
    try db.execute(sql: movedDetails)
    try moveSpans(db)
  }

  private static let tables = """
    CREATE TABLE entry_row (
      idx INTEGER PRIMARY KEY CHECK (idx >= 0),
      kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
      time INTEGER NOT NULL,
      event_id BLOB NOT NULL CHECK (length(event_id) = 16),
      producer TEXT NOT NULL CHECK (length(producer) BETWEEN 1 AND 64),
      producer_sequence INTEGER NOT NULL CHECK (producer_sequence > 0),
      is_refused INTEGER NOT NULL CHECK (is_refused IN (0, 1)),
      -- The 26 bytes that the usual form writes in hexadecimal; any other as it is, NULL where there is none.
      traceparent ANY CHECK (typeof(traceparent) IN ('null', 'text', 'blob')),
      details_hash BLOB NOT NULL CHECK (length(details_hash) = 32),
      -- Follows from the rest: tells which is altered, the row or the tile.
      leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32)
    ) STRICT;

    -- role: 0 the entry is about the subject, 1 the subject caused it, 2 its details are sealed with the subject's key
    -- though they name nobody.
    CREATE TABLE posting (
      segment INTEGER NOT NULL CHECK (segment = idx >> 16),
      subject_id INTEGER NOT NULL,
      idx INTEGER NOT NULL,
      role INTEGER NOT NULL CHECK (role IN (0, 1, 2)),
      PRIMARY KEY (segment, subject_id, idx, role)
    ) STRICT, WITHOUT ROWID;

    -- The key is made when details are sealed with it.
    CREATE TABLE subject (
      subject_id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 128),
      key BLOB CHECK (length(key) = 32)
    ) STRICT;

    CREATE TABLE details (
      idx INTEGER PRIMARY KEY CHECK (idx >= 0),
      salt BLOB NOT NULL CHECK (length(salt) = 32),
      ciphertext BLOB NOT NULL,
      subject_id INTEGER NOT NULL
    ) STRICT;

    -- The earliest and the latest time of each 4096 entries.
    CREATE TABLE span (
      n INTEGER PRIMARY KEY CHECK (n >= 0),
      earliest INTEGER NOT NULL,
      latest INTEGER NOT NULL CHECK (latest >= earliest)
    ) STRICT;
    """

  private static func moveEntries(_ db: Database) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT entry.idx, entry.body, idem.body_hash
        FROM entry LEFT JOIN idem ON idem.idx = entry.idx ORDER BY entry.idx
        """)
    let insertion = try EntryInsertion(db, into: "entry_row")
    while let row = try rows.next() {
      let index: Int = row["idx"]
      let bytes = try row.decode(Blob.self, forColumn: "body").bytes
      let body = try EntryBody(stored: bytes, at: index)
      // A hash that was altered stays so: it is found as before.
      _ = try insertion.run(
        body, leafHash: row["body_hash"] ?? MerkleHash.leaf(bytes), at: index)
    }
    try db.execute(
      sql: """
        DROP TABLE idem;
        DROP TABLE entry;
        ALTER TABLE entry_row RENAME TO entry;
        CREATE UNIQUE INDEX entry_event ON entry (event_id);
        CREATE INDEX entry_kind ON entry (kind, idx);
        CREATE INDEX entry_refused ON entry (idx) WHERE is_refused = 1;
        CREATE INDEX entry_kind_refused ON entry (kind, idx) WHERE is_refused = 1;
        """)
  }

  private static let movedDetails = """
    INSERT INTO subject (subject_id, name, key) SELECT key_id, subject, key FROM subject_key ORDER BY key_id;
    INSERT OR IGNORE INTO subject (name) SELECT DISTINCT subject FROM subject_entry;
    INSERT INTO details (idx, salt, ciphertext, subject_id)
      SELECT idx, salt, ciphertext, key_id FROM payload ORDER BY idx;
    INSERT INTO posting (segment, subject_id, idx, role)
      SELECT e.idx >> 16, s.subject_id, e.idx, e.is_actor
      FROM subject_entry e JOIN subject s ON s.name = e.subject ORDER BY 1, 2, 3, 4;
    INSERT INTO posting (segment, subject_id, idx, role)
      SELECT d.idx >> 16, d.subject_id, d.idx, 2 FROM details d
      WHERE NOT EXISTS (SELECT 1 FROM posting p
        WHERE p.segment = d.idx >> 16 AND p.subject_id = d.subject_id AND p.idx = d.idx);
    DROP TABLE subject_entry;
    DROP TABLE payload;
    DROP TABLE subject_key;
    CREATE TRIGGER erased_details_stay_erased BEFORE INSERT ON details
    WHEN EXISTS (SELECT 1 FROM erased_entry WHERE idx = NEW.idx)
    BEGIN SELECT RAISE(ABORT, 'the details of this entry are erased'); END;
    """

  private static func moveSpans(_ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO span (n, earliest, latest)
        SELECT idx / \(SpanTable.width), MIN(time), MAX(time) FROM entry GROUP BY idx / \(SpanTable.width)
        """)
  }
}
