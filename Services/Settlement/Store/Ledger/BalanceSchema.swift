/// Counters in a table of their own. A commit writes a page for each account that it changed, and twice as many rows
/// without what never changes fit into one.
enum BalanceSchema {
  static let sql = """
    CREATE TABLE balance (
      account INTEGER PRIMARY KEY REFERENCES account (number),
      -- Whether it may go below zero, as its account says.
      may_owe INTEGER NOT NULL CHECK (may_owe IN (0, 1)),
      debits_posted INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
      debits_pending INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
      credits_posted INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
      credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
      -- The newest transfer from or to it, 0 when there is none, and how many there are.
      last_transfer INTEGER NOT NULL DEFAULT 0,
      transfer_count INTEGER NOT NULL DEFAULT 0 CHECK (transfer_count >= 0),
      CHECK (may_owe = 1 OR credits_posted - debits_posted - debits_pending >= 0),
      CHECK ((last_transfer = 0) = (transfer_count = 0))
    ) STRICT;
    INSERT INTO balance SELECT number, overdraft_allowed, debits_posted, debits_pending, credits_posted,
      credits_pending, last_transfer, transfer_count FROM account;
    CREATE TRIGGER balance_is_of_its_account BEFORE UPDATE OF account, may_owe ON balance
    BEGIN SELECT RAISE(ABORT, 'a balance stays with its account'); END;
    CREATE TRIGGER balance_stays BEFORE DELETE ON balance
    BEGIN SELECT RAISE(ABORT, 'a balance is never deleted'); END;

    CREATE TABLE account_opened (
      -- The book's number, then 40 bits of its own.
      number INTEGER PRIMARY KEY CHECK (number >> 40 = book),
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      book INTEGER NOT NULL,
      owner_id BLOB CHECK (length(owner_id) = 16),
      currency TEXT NOT NULL,
      environment INTEGER NOT NULL,
      kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
      overdraft_allowed INTEGER NOT NULL CHECK (overdraft_allowed IN (0, 1)),
      net_debit_cap INTEGER NOT NULL CHECK (net_debit_cap >= 0),
      state INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 3),
      create_time INTEGER NOT NULL,
      history INTEGER NOT NULL DEFAULT 0 CHECK (history IN (0, 1)),
      FOREIGN KEY (book, currency, environment) REFERENCES book (number, currency, environment),
      UNIQUE (number, currency, environment),
      CHECK ((kind = 1) = (owner_id IS NOT NULL)),
      -- A participant may go below zero to its cap, the world outside without one, and so may what is under way from
      -- another instance: there the credit comes first.
      CHECK (overdraft_allowed = 0 OR kind IN (5, 6) OR (kind = 1 AND net_debit_cap > 0)),
      CHECK (net_debit_cap = 0 OR overdraft_allowed = 1)
    ) STRICT;
    INSERT INTO account_opened SELECT number, id, book, owner_id, currency, environment, kind,
      overdraft_allowed, net_debit_cap, state, create_time, history FROM account ORDER BY number;
    DROP TABLE account;
    ALTER TABLE account_opened RENAME TO account;
    CREATE INDEX account_owner ON account (owner_id, number);
    -- The exchange has one of each of these for a currency and environment.
    CREATE UNIQUE INDEX account_of_exchange ON account (currency, environment, kind)
      WHERE kind IN (2, 3, 4);
    CREATE TRIGGER account_is_fixed
    BEFORE UPDATE OF number, id, book, owner_id, currency, environment, kind, overdraft_allowed, history,
      create_time ON account
    BEGIN SELECT RAISE(ABORT, 'an account keeps what it was opened with'); END;
    CREATE TRIGGER account_closes_for_good BEFORE UPDATE OF state ON account
      WHEN OLD.state = 3 AND NEW.state <> 3
    BEGIN SELECT RAISE(ABORT, 'an account that is closed stays so'); END;
    CREATE TRIGGER account_stays BEFORE DELETE ON account
    BEGIN SELECT RAISE(ABORT, 'an account is never deleted'); END;
    CREATE TRIGGER account_has_a_balance AFTER INSERT ON account
    BEGIN INSERT INTO balance (account, may_owe) VALUES (NEW.number, NEW.overdraft_allowed); END;
    \(RecordSchema.accountTriggers)
    """
}
