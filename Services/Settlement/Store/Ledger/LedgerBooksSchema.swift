/// Books: one for each currency and environment. An account's number says its book, so that a transfer within
/// one book is a matter of arithmetic for the schema, and needs no look at the accounts. A transfer points at the one
/// before it of either account: an account's list needs no index, which would cost two random pages a transfer.
enum LedgerBooksSchema {
  static let sql = """
    CREATE TABLE book (
      number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 32767),
      currency TEXT NOT NULL CHECK (length(currency) = 3),
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      UNIQUE (currency, environment),
      UNIQUE (number, currency, environment)
    ) STRICT;
    CREATE TRIGGER book_is_fixed BEFORE UPDATE ON book
    BEGIN SELECT RAISE(ABORT, 'a book keeps its currency and environment'); END;
    CREATE TRIGGER book_stays BEFORE DELETE ON book
    BEGIN SELECT RAISE(ABORT, 'a book is never deleted'); END;
    INSERT INTO book (currency, environment)
      SELECT DISTINCT currency, environment FROM account ORDER BY currency, environment;

    CREATE TEMPORARY TABLE renumbered AS
      SELECT a.number AS old, (b.number << 40) | a.number AS new
      FROM account a JOIN book b USING (currency, environment);
    CREATE INDEX temp.renumbered_old ON renumbered (old);
    CREATE TEMPORARY TABLE touch AS
      SELECT number, account, lag(number, 1, 0) OVER of_account AS previous,
        row_number() OVER of_account AS place
      FROM (SELECT number, debit AS account FROM transfer
        UNION ALL SELECT number, credit FROM transfer)
      WINDOW of_account AS (PARTITION BY account ORDER BY number);
    CREATE INDEX temp.touch_account ON touch (account, number);

    \(accounts)
    \(transfers)

    CREATE TABLE transfer_mark (
      account INTEGER NOT NULL REFERENCES account (number),
      -- Every 1,024th transfer of the account: where a walk along its transfers may begin.
      transfer INTEGER NOT NULL REFERENCES transfer (number),
      PRIMARY KEY (account, transfer)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO transfer_mark
      SELECT r.new, t.number FROM touch t JOIN renumbered r ON r.old = t.account
      WHERE t.place % 1024 = 0;

    UPDATE orders SET funding_account = (SELECT new FROM renumbered WHERE old = funding_account)
      WHERE funding_account IS NOT NULL;
    UPDATE payout SET account = (SELECT new FROM renumbered WHERE old = account);
    DROP TABLE temp.touch;
    DROP TABLE temp.renumbered;
    """

  private static let accounts = """
    CREATE TABLE account_in_book (
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
      debits_posted INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
      debits_pending INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
      credits_posted INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
      credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
      state INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 3),
      create_time INTEGER NOT NULL,
      -- The newest transfer from or to it, 0 when there is none, and how many there are.
      last_transfer INTEGER NOT NULL DEFAULT 0,
      transfer_count INTEGER NOT NULL DEFAULT 0 CHECK (transfer_count >= 0),
      FOREIGN KEY (book, currency, environment) REFERENCES book (number, currency, environment),
      UNIQUE (number, currency, environment),
      CHECK ((kind = 1) = (owner_id IS NOT NULL)),
      -- A participant may go below zero to its cap, the world outside without one, and so may what is under way from
      -- another instance: there the credit comes first.
      CHECK (overdraft_allowed = 0 OR kind IN (5, 6) OR (kind = 1 AND net_debit_cap > 0)),
      CHECK (net_debit_cap = 0 OR overdraft_allowed = 1),
      CHECK (overdraft_allowed = 1 OR credits_posted - debits_posted - debits_pending >= 0),
      CHECK ((last_transfer = 0) = (transfer_count = 0))
    ) STRICT;
    INSERT INTO account_in_book
      SELECT r.new, a.id, r.new >> 40, a.owner_id, a.currency, a.environment, a.kind,
        a.overdraft_allowed, a.net_debit_cap, a.debits_posted, a.debits_pending, a.credits_posted,
        a.credits_pending, a.state, a.create_time,
        (SELECT coalesce(max(number), 0) FROM touch WHERE account = a.number),
        (SELECT count(*) FROM touch WHERE account = a.number)
      FROM account a JOIN renumbered r ON r.old = a.number ORDER BY r.new;
    DROP TABLE account;
    ALTER TABLE account_in_book RENAME TO account;
    CREATE INDEX account_owner ON account (owner_id, number);
    -- The exchange has one of each of these for a currency and environment.
    CREATE UNIQUE INDEX account_of_exchange ON account (currency, environment, kind)
      WHERE kind IN (2, 3, 4);
    CREATE TRIGGER account_is_fixed
    BEFORE UPDATE OF number, id, book, owner_id, currency, environment, kind, overdraft_allowed,
      create_time ON account
    BEGIN SELECT RAISE(ABORT, 'an account keeps what it was opened with'); END;
    CREATE TRIGGER account_stays BEFORE DELETE ON account
    BEGIN SELECT RAISE(ABORT, 'an account is never deleted'); END;
    """

  private static let transfers = """
    CREATE TABLE transfer_in_book (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
      debit INTEGER NOT NULL REFERENCES account (number),
      credit INTEGER NOT NULL REFERENCES account (number),
      amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
      hold INTEGER REFERENCES transfer (number),
      timeout_seconds INTEGER NOT NULL CHECK (timeout_seconds >= 0),
      linked INTEGER NOT NULL CHECK (linked IN (0, 1)),
      order_id BLOB CHECK (length(order_id) = 16),
      window_id BLOB CHECK (length(window_id) = 16),
      create_time INTEGER NOT NULL,
      -- The transfer before this one of either account, 0 when it is the account's first.
      debit_previous INTEGER NOT NULL CHECK (debit_previous < number),
      credit_previous INTEGER NOT NULL CHECK (credit_previous < number),
      -- Currencies and environments never mix: both accounts are of one book.
      CHECK (debit >> 40 = credit >> 40),
      CHECK (debit <> credit),
      CHECK ((kind IN (3, 4)) = (hold IS NOT NULL)),
      CHECK ((kind = 4) = (amount = 0)),
      CHECK (timeout_seconds = 0 OR kind = 2)
    ) STRICT;
    INSERT INTO transfer_in_book
      SELECT t.number, t.id, t.kind, d.new, c.new, t.amount, t.hold, t.timeout_seconds, t.linked,
        t.order_id, t.window_id, t.create_time, dt.previous, ct.previous
      FROM transfer t JOIN renumbered d ON d.old = t.debit JOIN renumbered c ON c.old = t.credit
        JOIN touch dt ON dt.account = t.debit AND dt.number = t.number
        JOIN touch ct ON ct.account = t.credit AND ct.number = t.number
      ORDER BY t.number;
    DROP TABLE transfer;
    ALTER TABLE transfer_in_book RENAME TO transfer;
    CREATE INDEX transfer_order ON transfer (order_id) WHERE order_id IS NOT NULL;
    CREATE TRIGGER transfer_is_immutable BEFORE UPDATE ON transfer
    BEGIN SELECT RAISE(ABORT, 'a transfer never changes'); END;
    CREATE TRIGGER transfer_stays BEFORE DELETE ON transfer
    BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;
    """
}
