/// Transfers without foreign keys. Each cost a look at two accounts, more than all else in a row. What they
/// promised is kept once a commit instead: it writes the counters of both accounts of its transfers, and what a CAPTURE
/// or RELEASE makes of its hold, and fails when one of them is not there; and accounts, holds and transfers are never
/// deleted.
enum TransferRowsSchema {
  static let sql = """
    CREATE TABLE transfer_row (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
      debit INTEGER NOT NULL,
      credit INTEGER NOT NULL,
      amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1000000000000000),
      hold INTEGER,
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
    INSERT INTO transfer_row SELECT * FROM transfer ORDER BY number;
    DROP TABLE transfer;
    ALTER TABLE transfer_row RENAME TO transfer;
    CREATE INDEX transfer_order ON transfer (order_id) WHERE order_id IS NOT NULL;
    CREATE TRIGGER transfer_is_immutable BEFORE UPDATE ON transfer
    BEGIN SELECT RAISE(ABORT, 'a transfer never changes'); END;
    CREATE TRIGGER transfer_stays BEFORE DELETE ON transfer
    BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;
    """
}
