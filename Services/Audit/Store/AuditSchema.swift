package import ServiceRuntime

/// The schema of audit's database.
package enum AuditSchema {
  package static let migrations: [Migration] = [
    Migration(
      "entries, tiles, checkpoints, sealed details",
      sql: """
        -- body is the entry; kind and time repeat members of it to search by.
        CREATE TABLE entry (
          idx INTEGER PRIMARY KEY CHECK (idx >= 0),
          body BLOB NOT NULL CHECK (length(body) BETWEEN 1 AND 65535),
          kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
          time INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX entry_kind ON entry (kind, idx);

        CREATE TABLE idem (
          event_id BLOB PRIMARY KEY CHECK (length(event_id) = 16),
          producer TEXT NOT NULL,
          body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
          idx INTEGER NOT NULL UNIQUE REFERENCES entry (idx)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE producer_seq (
          producer TEXT PRIMARY KEY CHECK (length(producer) BETWEEN 1 AND 64),
          next INTEGER NOT NULL CHECK (next > 1)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE tile (
          level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 7),
          n INTEGER NOT NULL CHECK (n >= 0),
          width INTEGER NOT NULL CHECK (width BETWEEN 1 AND 256),
          data BLOB NOT NULL CHECK (length(data) = 32 * width),
          PRIMARY KEY (level, n)
        ) STRICT;

        CREATE TABLE checkpoint (
          size INTEGER PRIMARY KEY CHECK (size >= 0),
          root BLOB NOT NULL CHECK (length(root) = 32),
          note TEXT NOT NULL,
          time INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE subject_key (
          key_id INTEGER PRIMARY KEY,
          subject TEXT NOT NULL UNIQUE CHECK (length(subject) BETWEEN 1 AND 128),
          key BLOB NOT NULL CHECK (length(key) = 32)
        ) STRICT;

        CREATE TABLE payload (
          idx INTEGER PRIMARY KEY REFERENCES entry (idx),
          salt BLOB NOT NULL CHECK (length(salt) = 32),
          ciphertext BLOB NOT NULL,
          key_id INTEGER NOT NULL REFERENCES subject_key (key_id)
        ) STRICT;
        CREATE INDEX payload_key ON payload (key_id);

        CREATE TABLE subject_entry (
          subject TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 128),
          idx INTEGER NOT NULL REFERENCES entry (idx),
          is_actor INTEGER NOT NULL CHECK (is_actor IN (0, 1)),
          PRIMARY KEY (subject, idx, is_actor)
        ) STRICT, WITHOUT ROWID;
        """),
    // No hash or signature covers the time of a checkpoint, so it could be altered unseen; nothing reads it.
    Migration(
      "refused entries are found; checkpoints hold nothing unsigned",
      sql: """
        ALTER TABLE checkpoint DROP COLUMN time;
        CREATE INDEX entry_refused ON entry (idx) WHERE instr(body, '"outcome":"refused"') > 0;
        """),
    .idempotency,
    // idx of an erasure is the entry that tells of it; whom it was about is not kept.
    Migration(
      "erasures",
      sql: """
        CREATE TABLE erasure (
          idx INTEGER PRIMARY KEY REFERENCES entry (idx),
          subject_hash BLOB NOT NULL CHECK (length(subject_hash) = 32),
          entries INTEGER NOT NULL CHECK (entries > 0),
          time INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX erasure_subject ON erasure (subject_hash);

        CREATE TABLE erased_entry (
          idx INTEGER PRIMARY KEY REFERENCES entry (idx),
          erasure INTEGER NOT NULL REFERENCES erasure (idx)
        ) STRICT;
        CREATE TRIGGER erased_details_stay_erased BEFORE INSERT ON payload
        WHEN EXISTS (SELECT 1 FROM erased_entry WHERE idx = NEW.idx)
        BEGIN SELECT RAISE(ABORT, 'the details of this entry are erased'); END;
        """),
    // signature is the time (u64be) and the Ed25519 signature of c2sp.org/tlog-cosignature; key is a vkey.
    Migration(
      "cosignatures of witnesses",
      sql: """
        CREATE TABLE witness (
          id INTEGER PRIMARY KEY,
          key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 512)
        ) STRICT;

        CREATE TABLE cosignature (
          size INTEGER NOT NULL REFERENCES checkpoint (size),
          witness INTEGER NOT NULL REFERENCES witness (id),
          signature BLOB NOT NULL CHECK (length(signature) = 72),
          PRIMARY KEY (size, witness)
        ) STRICT, WITHOUT ROWID;
        """),
    Migration("entries by their members, postings in segments") { try EntryRowsSchema.apply($0) },
    // One that is taken away leaves a gap in the numbers.
    Migration(
      "checkpoints are numbered",
      sql: """
        ALTER TABLE checkpoint ADD COLUMN number INTEGER NOT NULL DEFAULT 0 CHECK (number >= 0);
        UPDATE checkpoint SET number = ranked.number
          FROM (SELECT size, ROW_NUMBER() OVER (ORDER BY size) AS number FROM checkpoint) AS ranked
          WHERE ranked.size = checkpoint.size;
        """),
    Migration("entries and postings with cheaper checks") { try RangeChecksSchema.apply($0) },
  ]
}
