/// A copy of each row of the ledger as it was written, so that one which was altered behind the ledger's back can be
/// named. The links of the journal cover the copies. Transfers have none: a link keeps four bytes of each.
enum RecordSchema {
  /// A table of which copies are kept: what its rows are called, their number or id, and what is copied.
  struct Copied {
    let table: String
    /// Its rows as `x`.
    let key: String
    let content: String
    let columns: [String]

    init(_ table: String, row: String = "number", _ columns: [String], also: String = "") {
      self.table = table
      self.columns = columns
      key = "'\(table) ' || \(row == "id" ? "hex(x.id)" : "x." + row)"
      content = columns.map { "quote(x.\($0))" }.joined(separator: " || ' ' || ") + also
    }
  }

  static let copied: [Copied] = [
    Copied("book", ["currency", "environment"]),
    Copied(
      "account",
      [
        "id", "book", "owner_id", "currency", "environment", "kind", "overdraft_allowed",
        "net_debit_cap", "state", "create_time", "history",
      ]),
    Copied(
      "hold", row: "transfer", ["expire_time"],
      also: " || CASE x.state WHEN 4 THEN ' expired' ELSE '' END"),
    Copied(
      "refused_transfer", row: "id",
      [
        "outcome", "kind", "debit_id", "credit_id", "amount", "currency", "hold_id",
        "timeout_seconds", "linked", "order_id", "window_id", "create_time",
      ]),
    Copied(
      "balance_history",
      [
        "account_id", "transfer", "debits_posted", "debits_pending", "credits_posted",
        "credits_pending", "create_time",
      ]),
    Copied(
      "journal", ["first_transfer", "last_transfer", "digest", "create_time", "last_record"]),
  ]

  static var sql: String {
    """
    CREATE TABLE ledger_record (
      number INTEGER PRIMARY KEY,
      -- Table and row, and what was in it then.
      key TEXT NOT NULL,
      content TEXT NOT NULL
    ) STRICT;
    CREATE INDEX ledger_record_key ON ledger_record (key, number);
    CREATE TRIGGER ledger_record_is_immutable BEFORE UPDATE ON ledger_record
    BEGIN SELECT RAISE(ABORT, 'a record never changes'); END;
    CREATE TRIGGER ledger_record_stays BEFORE DELETE ON ledger_record
    BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END;
    -- The newest record that the link covers, and four bytes for each transfer and each record that it covers; NULL
    -- in links that were made before there were records.
    ALTER TABLE journal ADD COLUMN last_record INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE journal ADD COLUMN seals BLOB;

    """ + copied.map(\.statements).joined(separator: "\n")
      + """

      \(accountIsRecordedAgain)
      CREATE TRIGGER hold_is_recorded_again AFTER UPDATE OF state ON hold WHEN NEW.state = 4
      BEGIN \(record("hold")) END;
      """
  }

  /// What copies accounts, for a table of accounts that is built anew.
  static var accountTriggers: String {
    """
    CREATE TRIGGER account_is_recorded AFTER INSERT ON account
    BEGIN \(record("account")) END;
    \(accountIsRecordedAgain)
    """
  }

  private static var accountIsRecordedAgain: String {
    """
    CREATE TRIGGER account_is_recorded_again AFTER UPDATE OF state, net_debit_cap ON account
      WHEN OLD.state <> NEW.state OR OLD.net_debit_cap <> NEW.net_debit_cap
    BEGIN \(record("account")) END;
    """
  }

  private static func record(_ table: String) -> String {
    copied.first { $0.table == table }.map(\.recordNew) ?? ""
  }
}

extension RecordSchema.Copied {
  /// Copies the row that a trigger is about.
  fileprivate var recordNew: String {
    """
    INSERT INTO ledger_record (key, content)
      VALUES (\(key.replacing("x.", with: "NEW.")), \(content.replacing("x.", with: "NEW.")));
    """
  }

  /// Copies what is there already, and what is added from now on.
  fileprivate var statements: String {
    """
    INSERT INTO ledger_record (key, content) SELECT \(key), \(content) FROM \(table) AS x;
    CREATE TRIGGER \(table)_is_recorded AFTER INSERT ON \(table)
    BEGIN \(recordNew) END;
    """
  }
}
