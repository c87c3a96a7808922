/// What accounts may be opened with since: a history of their balance.
enum HistorySchema {
  static let sql = """
    ALTER TABLE account ADD COLUMN history INTEGER NOT NULL DEFAULT 0 CHECK (history IN (0, 1));
    DROP TRIGGER account_is_fixed;
    CREATE TRIGGER account_is_fixed
    BEFORE UPDATE OF number, id, book, owner_id, currency, environment, kind, overdraft_allowed, history,
      create_time ON account
    BEGIN SELECT RAISE(ABORT, 'an account keeps what it was opened with'); END;
    CREATE TRIGGER account_closes_for_good BEFORE UPDATE OF state ON account
      WHEN OLD.state = 3 AND NEW.state <> 3
    BEGIN SELECT RAISE(ABORT, 'an account that is closed stays so'); END;

    -- What the counters of accounts with history were after each change.
    CREATE TABLE balance_history (
      number INTEGER PRIMARY KEY,
      account_id BLOB NOT NULL REFERENCES account (id) CHECK (length(account_id) = 16),
      -- What changed them; a HOLD a second time when it expired.
      transfer INTEGER NOT NULL REFERENCES transfer (number),
      debits_posted INTEGER NOT NULL CHECK (debits_posted >= 0),
      debits_pending INTEGER NOT NULL CHECK (debits_pending >= 0),
      credits_posted INTEGER NOT NULL CHECK (credits_posted >= 0),
      credits_pending INTEGER NOT NULL CHECK (credits_pending >= 0),
      create_time INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX balance_history_account ON balance_history (account_id, number);
    CREATE TRIGGER balance_history_is_immutable BEFORE UPDATE ON balance_history
    BEGIN SELECT RAISE(ABORT, 'a balance that was never changes'); END;
    CREATE TRIGGER balance_history_stays BEFORE DELETE ON balance_history
    BEGIN SELECT RAISE(ABORT, 'a balance that was is never deleted'); END;
    """
}
