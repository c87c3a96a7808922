/// The tables of partitions, and of money between them.
enum PartitionSchema {
  static let sql = """
    -- Whose database this is.
    CREATE TABLE partition_stamp (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      -- As configured; empty for everything.
      partition TEXT NOT NULL,
      -- The instance in the audit log: it stays, as the outbox has one sequence.
      audit_instance TEXT NOT NULL CHECK (length(audit_instance) <= 32)
    ) STRICT;

    -- The IN_TRANSIT account for each other partition.
    CREATE TABLE transit_account (
      peer TEXT NOT NULL CHECK (length(peer) BETWEEN 1 AND 32),
      currency TEXT NOT NULL,
      environment INTEGER NOT NULL,
      account INTEGER NOT NULL UNIQUE,
      PRIMARY KEY (peer, currency, environment),
      FOREIGN KEY (account, currency, environment)
        REFERENCES account (number, currency, environment)
    ) STRICT, WITHOUT ROWID;

    -- Money on its way from here.
    CREATE TABLE crossing (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      destination TEXT NOT NULL,
      debit_account BLOB NOT NULL CHECK (length(debit_account) = 16),
      receiver_id BLOB NOT NULL CHECK (length(receiver_id) = 16),
      credit_account BLOB CHECK (length(credit_account) = 16),
      amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
      currency TEXT NOT NULL,
      environment INTEGER NOT NULL,
      order_id BLOB CHECK (length(order_id) = 16),
      state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
      refusal_reason TEXT NOT NULL,
      create_time INTEGER NOT NULL,
      update_time INTEGER NOT NULL CHECK (update_time >= create_time),
      FOREIGN KEY (destination, currency, environment)
        REFERENCES transit_account (peer, currency, environment),
      CHECK ((state = 4) = (refusal_reason <> ''))
    ) STRICT;
    CREATE INDEX crossing_open ON crossing (number) WHERE state IN (1, 2);
    CREATE TRIGGER crossing_ends_once BEFORE UPDATE ON crossing WHEN OLD.state IN (3, 4)
    BEGIN SELECT RAISE(ABORT, 'a crossing that is over stays so'); END;
    CREATE TRIGGER crossing_goes_forward BEFORE UPDATE OF state ON crossing
      WHEN OLD.state = 2 AND NEW.state <> 3
    BEGIN SELECT RAISE(ABORT, 'a crossing that was credited is confirmed next'); END;
    CREATE TRIGGER crossing_stays BEFORE DELETE ON crossing
    BEGIN SELECT RAISE(ABORT, 'a crossing is never deleted'); END;

    -- What was decided here about money from elsewhere.
    CREATE TABLE received_crossing (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      origin TEXT NOT NULL CHECK (length(origin) BETWEEN 1 AND 32),
      receiver_id BLOB NOT NULL CHECK (length(receiver_id) = 16),
      credit_account BLOB CHECK (length(credit_account) = 16),
      amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
      currency TEXT NOT NULL,
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      order_id BLOB CHECK (length(order_id) = 16),
      -- Empty when it was credited.
      refusal_reason TEXT NOT NULL,
      confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1)),
      create_time INTEGER NOT NULL,
      CHECK (refusal_reason = '' OR confirmed = 0)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER received_crossing_is_decided
    BEFORE UPDATE OF id, origin, receiver_id, credit_account, amount, currency, environment,
      order_id, refusal_reason, create_time ON received_crossing
    BEGIN SELECT RAISE(ABORT, 'what was decided about a crossing stays'); END;
    CREATE TRIGGER received_crossing_stays BEFORE DELETE ON received_crossing
    BEGIN SELECT RAISE(ABORT, 'a received crossing is never deleted'); END;
    """
}
