/// The tables of the ledger. Accounts and transfers are numbered, so that transfers refer to accounts
/// and holds in a few bytes, and a list goes on where its last page ended.
enum LedgerSchema {
  static let sql = """
    CREATE TABLE account (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      owner_id BLOB CHECK (length(owner_id) = 16),
      currency TEXT NOT NULL CHECK (length(currency) = 3),
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
      overdraft_allowed INTEGER NOT NULL CHECK (overdraft_allowed IN (0, 1)),
      net_debit_cap INTEGER NOT NULL CHECK (net_debit_cap >= 0),
      debits_posted INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
      debits_pending INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
      credits_posted INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
      credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
      state INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 3),
      create_time INTEGER NOT NULL,
      -- What transfers refer to, so that both ends of one are of one currency and environment.
      UNIQUE (number, currency, environment),
      CHECK ((kind = 1) = (owner_id IS NOT NULL)),
      CHECK (overdraft_allowed = 0 OR kind = 6),
      CHECK (net_debit_cap = 0 OR overdraft_allowed = 1),
      CHECK (overdraft_allowed = 1 OR credits_posted - debits_posted - debits_pending >= 0)
    ) STRICT;
    CREATE INDEX account_owner ON account (owner_id, number);
    -- The exchange has one of each of these for a currency and environment.
    CREATE UNIQUE INDEX account_of_exchange ON account (currency, environment, kind)
      WHERE kind IN (2, 3, 4);
    CREATE TRIGGER account_is_fixed
    BEFORE UPDATE OF number, id, owner_id, currency, environment, kind, overdraft_allowed,
      net_debit_cap, create_time ON account
    BEGIN SELECT RAISE(ABORT, 'an account keeps what it was opened with'); END;
    CREATE TRIGGER account_stays BEFORE DELETE ON account
    BEGIN SELECT RAISE(ABORT, 'an account is never deleted'); END;

    CREATE TABLE transfer (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
      debit INTEGER NOT NULL,
      credit INTEGER NOT NULL,
      amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
      currency TEXT NOT NULL,
      environment INTEGER NOT NULL,
      hold INTEGER REFERENCES transfer (number),
      timeout_seconds INTEGER NOT NULL CHECK (timeout_seconds >= 0),
      linked INTEGER NOT NULL CHECK (linked IN (0, 1)),
      order_id BLOB CHECK (length(order_id) = 16),
      window_id BLOB CHECK (length(window_id) = 16),
      create_time INTEGER NOT NULL,
      FOREIGN KEY (debit, currency, environment)
        REFERENCES account (number, currency, environment),
      FOREIGN KEY (credit, currency, environment)
        REFERENCES account (number, currency, environment),
      CHECK (debit <> credit),
      CHECK ((kind IN (3, 4)) = (hold IS NOT NULL)),
      CHECK ((kind = 4) = (amount = 0)),
      CHECK (timeout_seconds = 0 OR kind = 2)
    ) STRICT;
    CREATE INDEX transfer_debit ON transfer (debit, number);
    CREATE INDEX transfer_credit ON transfer (credit, number);
    CREATE INDEX transfer_order ON transfer (order_id) WHERE order_id IS NOT NULL;
    CREATE TRIGGER transfer_is_immutable BEFORE UPDATE ON transfer
    BEGIN SELECT RAISE(ABORT, 'a transfer never changes'); END;
    CREATE TRIGGER transfer_stays BEFORE DELETE ON transfer
    BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;

    CREATE TABLE hold (
      transfer INTEGER PRIMARY KEY REFERENCES transfer (number),
      expire_time INTEGER,
      -- 1 pending, 2 captured, 3 released, 4 expired
      state INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 4),
      resolved_by INTEGER UNIQUE REFERENCES transfer (number),
      CHECK ((state IN (2, 3)) = (resolved_by IS NOT NULL)),
      CHECK (state <> 4 OR expire_time IS NOT NULL)
    ) STRICT;
    CREATE INDEX hold_expiry ON hold (expire_time) WHERE state = 1;
    CREATE TRIGGER hold_resolves_once BEFORE UPDATE ON hold WHEN OLD.state <> 1
    BEGIN SELECT RAISE(ABORT, 'a hold resolves at most once'); END;

    -- What the ledger refused for good, as submitted.
    CREATE TABLE refused_transfer (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      outcome INTEGER NOT NULL CHECK (outcome BETWEEN 7 AND 21),
      kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
      debit_id BLOB CHECK (length(debit_id) = 16),
      credit_id BLOB CHECK (length(credit_id) = 16),
      amount INTEGER NOT NULL,
      currency TEXT CHECK (length(currency) = 3),
      hold_id BLOB CHECK (length(hold_id) = 16),
      timeout_seconds INTEGER NOT NULL,
      linked INTEGER NOT NULL CHECK (linked IN (0, 1)),
      order_id BLOB CHECK (length(order_id) = 16),
      window_id BLOB CHECK (length(window_id) = 16),
      create_time INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- One link for each commit that added transfers, chained by digest.
    CREATE TABLE journal (
      number INTEGER PRIMARY KEY,
      first_transfer INTEGER NOT NULL UNIQUE REFERENCES transfer (number),
      last_transfer INTEGER NOT NULL UNIQUE REFERENCES transfer (number),
      digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
      create_time INTEGER NOT NULL,
      CHECK (first_transfer <= last_transfer)
    ) STRICT;
    CREATE TRIGGER journal_is_immutable BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal never changes'); END;
    CREATE TRIGGER journal_stays BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is never deleted'); END;
    """
}
