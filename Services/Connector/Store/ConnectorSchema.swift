package import ServiceRuntime

/// The tables of a connector.
package enum ConnectorSchema {
  package static let migrations: [Migration] = [
    Migration("manifests, keys, what was served, receipts", sql: known + served + receipts),
    Migration("agreements that count no more", sql: agreements),
    Migration("several instances of settlement", sql: feeds),
    Migration("usage on its way to settlement", sql: usage),
    Migration("usage that an older copy goes on from", sql: movedUsage),
  ]

  /// What waits may move on in its sequence, behind what settlement has of a later database.
  private static let movedUsage = """
    DROP TRIGGER usage_is_gapless;
    CREATE TRIGGER usage_is_gapless BEFORE UPDATE OF sequence ON usage
      WHEN OLD.outcome IS NOT NULL OR NEW.sequence < OLD.sequence
        OR OLD.sequence IS NULL AND NEW.sequence <> 1 + (
          SELECT coalesce(max(sequence), 0) FROM usage WHERE instance = NEW.instance)
    BEGIN SELECT RAISE(ABORT, 'a sequence of usage has no gaps'); END;
    """

  private static let usage = """
    -- What fetches under way have surely sent of orders that are paid by usage.
    CREATE TABLE metered_stream (
      stream_id INTEGER PRIMARY KEY,
      order_id BLOB NOT NULL CHECK (length(order_id) = 16),
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      rows INTEGER NOT NULL CHECK (rows >= 0)
    ) STRICT;
    -- Which instance of settlement has an order; '' is one that owns everything.
    CREATE TABLE metered_order (
      order_id BLOB PRIMARY KEY CHECK (length(order_id) = 16),
      instance TEXT NOT NULL CHECK (length(instance) <= 32)
    ) STRICT, WITHOUT ROWID;
    -- One row for each fetch. Its place in the sequence of an instance is given once, without gaps; the outcome is
    -- settlement's answer.
    CREATE TABLE usage (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      order_id BLOB NOT NULL CHECK (length(order_id) = 16),
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      rows INTEGER NOT NULL CHECK (rows >= 0),
      create_time INTEGER NOT NULL,
      instance TEXT,
      sequence INTEGER CHECK (sequence >= 1),
      outcome INTEGER CHECK (outcome >= 1),
      UNIQUE (instance, sequence),
      CHECK ((instance IS NULL) = (sequence IS NULL)),
      CHECK (outcome IS NULL OR sequence IS NOT NULL)
    ) STRICT;
    CREATE INDEX usage_waiting ON usage (instance, sequence) WHERE outcome IS NULL;
    CREATE TRIGGER usage_is_gapless BEFORE UPDATE OF sequence ON usage
      WHEN OLD.sequence IS NOT NULL OR NEW.sequence <> 1 + (
        SELECT coalesce(max(sequence), 0) FROM usage WHERE instance = NEW.instance)
    BEGIN SELECT RAISE(ABORT, 'a sequence of usage has no gaps'); END;
    CREATE TRIGGER usage_is_fixed BEFORE UPDATE OF id, order_id, bytes, rows, create_time ON usage
    BEGIN SELECT RAISE(ABORT, 'what was used never changes'); END;
    CREATE TRIGGER usage_is_answered_once BEFORE UPDATE OF outcome ON usage
      WHEN OLD.outcome IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'usage is answered for once'); END;
    CREATE TRIGGER usage_stays BEFORE DELETE ON usage
    BEGIN SELECT RAISE(ABORT, 'what was used is never deleted'); END;
    """

  private static let feeds = """
    -- How far the orders of each instance of settlement were followed; '' is one that owns everything.
    CREATE TABLE order_feed (
      instance TEXT PRIMARY KEY CHECK (length(instance) <= 32),
      cursor INTEGER NOT NULL CHECK (cursor >= 0)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO order_feed (instance, cursor) SELECT '', cursor FROM order_cursor;
    DROP TABLE order_cursor;
    """

  private static let agreements = """
    CREATE TABLE stopped_agreement (
      id BLOB PRIMARY KEY CHECK (length(id) = 16)
    ) STRICT, WITHOUT ROWID;
    -- How far settlement's orders were followed.
    CREATE TABLE order_cursor (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      cursor INTEGER NOT NULL CHECK (cursor >= 0)
    ) STRICT;
    """

  private static let known = """
    -- Manifests as catalog published them, verified by their digest.
    CREATE TABLE revision (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      manifest_sha256 BLOB NOT NULL CHECK (length(manifest_sha256) = 32),
      revision TEXT NOT NULL CHECK (revision LIKE '{%}'),
      fetch_time INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- Settlement's published keys, so that grants can be checked while settlement is away.
    CREATE TABLE grant_keys (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      jwks TEXT NOT NULL,
      fetch_time INTEGER NOT NULL
    ) STRICT;

    """

  private static let served = """
    CREATE TABLE grant_usage (
      grant_id BLOB PRIMARY KEY CHECK (length(grant_id) = 16),
      agreement_id BLOB NOT NULL CHECK (length(agreement_id) = 16),
      consumer_id BLOB NOT NULL CHECK (length(consumer_id) = 16),
      quota_bytes INTEGER NOT NULL CHECK (quota_bytes >= 0),
      used_bytes INTEGER NOT NULL CHECK (used_bytes BETWEEN 0 AND quota_bytes),
      expire_time INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- How much of a file was sent from its start without a gap.
    CREATE TABLE served_file (
      agreement_id BLOB NOT NULL CHECK (length(agreement_id) = 16),
      path TEXT NOT NULL,
      served_bytes INTEGER NOT NULL CHECK (served_bytes >= 0),
      PRIMARY KEY (agreement_id, path)
    ) STRICT, WITHOUT ROWID;
    -- Fetches under way. A row that is there at start is one that the process did not survive.
    CREATE TABLE stream (
      id INTEGER PRIMARY KEY,
      grant_id BLOB NOT NULL REFERENCES grant_usage (grant_id),
      agreement_id BLOB NOT NULL CHECK (length(agreement_id) = 16),
      path TEXT NOT NULL,
      start_bytes INTEGER NOT NULL CHECK (start_bytes >= 0),
      reserved_bytes INTEGER NOT NULL CHECK (reserved_bytes >= start_bytes)
    ) STRICT;

    """

  private static let receipts = """
    CREATE TABLE receipt (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      request_id BLOB NOT NULL UNIQUE CHECK (length(request_id) = 16),
      order_id BLOB NOT NULL CHECK (length(order_id) = 16),
      agreement_id BLOB NOT NULL CHECK (length(agreement_id) = 16),
      consumer_id BLOB NOT NULL CHECK (length(consumer_id) = 16),
      statement BLOB NOT NULL,
      receipt BLOB NOT NULL,
      create_time INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- Receipts on their way to settlement: 1 waiting, 2 confirmed, 3 refused for good.
    CREATE TABLE confirmation (
      receipt_id BLOB PRIMARY KEY REFERENCES receipt (id),
      state INTEGER NOT NULL CHECK (state IN (1, 2, 3)),
      reason TEXT NOT NULL,
      update_time INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX confirmation_waiting ON confirmation (update_time, receipt_id) WHERE state = 1;
    """
}
