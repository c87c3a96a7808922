/// The tables of clearing. Each row says its currency and environment and refers to others together
/// with them: LIVE and SANDBOX cannot meet in a window, a position or a payment.
enum ClearingSchema {
  static let windows = """
    CREATE TABLE clearing_member (
      number INTEGER PRIMARY KEY,
      participant_id BLOB NOT NULL CHECK (length(participant_id) = 16),
      account INTEGER NOT NULL UNIQUE,
      currency TEXT NOT NULL,
      environment INTEGER NOT NULL,
      name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 140),
      bank_bic TEXT NOT NULL CHECK (length(bank_bic) IN (8, 11)),
      bank_account TEXT NOT NULL CHECK (length(bank_account) BETWEEN 1 AND 34),
      -- The first transfer that settles net.
      first_transfer INTEGER NOT NULL CHECK (first_transfer > 0),
      create_time INTEGER NOT NULL,
      UNIQUE (participant_id, currency, environment),
      FOREIGN KEY (account, currency, environment)
        REFERENCES account (number, currency, environment)
    ) STRICT;
    CREATE TRIGGER clearing_member_is_fixed
    BEFORE UPDATE OF number, participant_id, account, currency, environment, first_transfer,
      create_time ON clearing_member
    BEGIN SELECT RAISE(ABORT, 'a member keeps its account'); END;
    CREATE TRIGGER clearing_member_stays BEFORE DELETE ON clearing_member
    BEGIN SELECT RAISE(ABORT, 'a member is never deleted'); END;

    CREATE TABLE clearing_window (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      currency TEXT NOT NULL CHECK (length(currency) = 3),
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      -- 1 GROSS, 2 NET
      model INTEGER NOT NULL CHECK (model IN (1, 2)),
      -- 1 OPEN, 2 CLOSED, 3 SETTLING, 4 SETTLED, 5 ABORTED
      state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
      first_transfer INTEGER NOT NULL CHECK (first_transfer > 0),
      last_transfer INTEGER CHECK (last_transfer >= first_transfer - 1),
      due_time INTEGER,
      attempt INTEGER NOT NULL CHECK (attempt >= 0),
      digest BLOB CHECK (length(digest) = 32),
      -- Sums over the positions, which must be the same: what one account gives another gets.
      debit_total INTEGER NOT NULL DEFAULT 0 CHECK (debit_total >= 0),
      credit_total INTEGER NOT NULL DEFAULT 0,
      abort_reason TEXT NOT NULL,
      open_time INTEGER NOT NULL,
      close_time INTEGER,
      settle_time INTEGER,
      UNIQUE (number, currency, environment),
      CHECK (debit_total = credit_total),
      CHECK ((state = 1) = (last_transfer IS NULL)),
      CHECK ((state = 1) = (digest IS NULL)),
      CHECK ((state = 1) = (close_time IS NULL)),
      CHECK ((state = 4) = (settle_time IS NOT NULL)),
      CHECK (due_time IS NULL OR state = 3)
    ) STRICT;
    CREATE UNIQUE INDEX clearing_window_open ON clearing_window (currency, environment, model)
      WHERE state = 1;
    CREATE INDEX clearing_window_key ON clearing_window (currency, environment, model, number);
    CREATE INDEX clearing_window_due ON clearing_window (due_time) WHERE due_time IS NOT NULL;
    CREATE TRIGGER clearing_window_follows BEFORE INSERT ON clearing_window
    WHEN NEW.first_transfer <> 1 + COALESCE((
      SELECT MAX(last_transfer) FROM clearing_window WHERE currency = NEW.currency
        AND environment = NEW.environment AND model = NEW.model), 0)
    BEGIN SELECT RAISE(ABORT, 'windows follow each other without gap'); END;
    CREATE TRIGGER clearing_window_is_fixed
    BEFORE UPDATE OF number, id, currency, environment, model, first_transfer, open_time
      ON clearing_window
    BEGIN SELECT RAISE(ABORT, 'a window keeps what it was opened with'); END;
    CREATE TRIGGER clearing_window_closes_once
    BEFORE UPDATE OF last_transfer, digest, debit_total, credit_total, close_time ON clearing_window
    WHEN OLD.state <> 1 AND (NEW.last_transfer <> OLD.last_transfer OR NEW.digest <> OLD.digest
      OR NEW.debit_total <> OLD.debit_total OR NEW.close_time <> OLD.close_time)
    BEGIN SELECT RAISE(ABORT, 'a closed window keeps its positions'); END;
    CREATE TRIGGER clearing_window_moves BEFORE UPDATE OF state ON clearing_window
    WHEN NEW.state <> OLD.state AND NOT (
      (OLD.state = 1 AND NEW.state IN (2, 4)) OR (OLD.state = 2 AND NEW.state = 3)
      OR (OLD.state = 3 AND NEW.state IN (4, 5)) OR (OLD.state = 5 AND NEW.state = 2))
    BEGIN SELECT RAISE(ABORT, 'a window does not move so'); END;
    CREATE TRIGGER clearing_window_stays BEFORE DELETE ON clearing_window
    BEGIN SELECT RAISE(ABORT, 'a window is never deleted'); END;

    CREATE TABLE clearing_position (
      window INTEGER NOT NULL,
      account INTEGER NOT NULL,
      currency TEXT NOT NULL,
      environment INTEGER NOT NULL,
      debits INTEGER NOT NULL CHECK (debits >= 0),
      credits INTEGER NOT NULL CHECK (credits >= 0),
      PRIMARY KEY (window, account),
      FOREIGN KEY (window, currency, environment)
        REFERENCES clearing_window (number, currency, environment),
      FOREIGN KEY (account, currency, environment)
        REFERENCES account (number, currency, environment)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER clearing_position_is_fixed BEFORE UPDATE ON clearing_position
    BEGIN SELECT RAISE(ABORT, 'a position never changes'); END;
    CREATE TRIGGER clearing_position_stays BEFORE DELETE ON clearing_position
    BEGIN SELECT RAISE(ABORT, 'a position is never deleted'); END;

    CREATE TABLE clearing_leg (
      window INTEGER NOT NULL,
      account INTEGER NOT NULL REFERENCES clearing_member (account),
      -- 1 PAY_IN, 2 PAY_OUT
      direction INTEGER NOT NULL CHECK (direction IN (1, 2)),
      amount INTEGER NOT NULL CHECK (amount > 0),
      -- 1 PENDING, 2 SENT, 3 FINAL
      state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
      end_to_end_id TEXT NOT NULL UNIQUE CHECK (length(end_to_end_id) BETWEEN 1 AND 35),
      hold_id BLOB UNIQUE CHECK (length(hold_id) = 16),
      last_reason TEXT NOT NULL,
      bank_reference TEXT NOT NULL,
      final_time INTEGER,
      PRIMARY KEY (window, account),
      FOREIGN KEY (window, account) REFERENCES clearing_position (window, account),
      CHECK ((state = 3) = (final_time IS NOT NULL)),
      CHECK (hold_id IS NULL OR direction = 2)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER clearing_leg_is_the_net BEFORE INSERT ON clearing_leg
    WHEN NOT EXISTS (SELECT 1 FROM clearing_position p
      WHERE p.window = NEW.window AND p.account = NEW.account
        AND p.credits - p.debits = CASE NEW.direction WHEN 1 THEN -NEW.amount ELSE NEW.amount END)
    BEGIN SELECT RAISE(ABORT, 'a payment is of the net'); END;
    CREATE TRIGGER clearing_leg_is_fixed
    BEFORE UPDATE OF window, account, direction, amount, end_to_end_id ON clearing_leg
    BEGIN SELECT RAISE(ABORT, 'a payment keeps who pays what'); END;
    CREATE TRIGGER clearing_leg_ends_once BEFORE UPDATE ON clearing_leg WHEN OLD.state = 3
    BEGIN SELECT RAISE(ABORT, 'a final payment stays so'); END;
    CREATE TRIGGER clearing_leg_in_order BEFORE UPDATE OF state ON clearing_leg
    WHEN NEW.direction = 2 AND NEW.state <> 1 AND EXISTS (
      SELECT 1 FROM clearing_leg i WHERE i.window = NEW.window AND i.direction = 1 AND i.state <> 3)
    BEGIN SELECT RAISE(ABORT, 'pay-ins come before pay-outs'); END;
    CREATE TRIGGER clearing_leg_stays BEFORE DELETE ON clearing_leg
    BEGIN SELECT RAISE(ABORT, 'a payment is never deleted'); END;
    """

  /// What was sent to banks, and what they reported.
  static let files = """
    CREATE UNIQUE INDEX clearing_window_environment ON clearing_window (number, environment);

    CREATE TABLE clearing_file (
      number INTEGER PRIMARY KEY,
      window INTEGER NOT NULL,
      environment INTEGER NOT NULL,
      -- 1 pain.001, 2 pacs.009
      format INTEGER NOT NULL CHECK (format IN (1, 2)),
      direction INTEGER NOT NULL CHECK (direction IN (1, 2)),
      sequence INTEGER NOT NULL CHECK (sequence > 0),
      message_id TEXT NOT NULL UNIQUE CHECK (length(message_id) BETWEEN 1 AND 35),
      content BLOB NOT NULL,
      digest BLOB NOT NULL CHECK (length(digest) = 32),
      payments INTEGER NOT NULL CHECK (payments > 0),
      create_time INTEGER NOT NULL,
      UNIQUE (window, sequence),
      CHECK (format = 2 OR direction = 2),
      FOREIGN KEY (window, environment) REFERENCES clearing_window (number, environment)
    ) STRICT;
    CREATE TRIGGER clearing_file_is_fixed BEFORE UPDATE ON clearing_file
    BEGIN SELECT RAISE(ABORT, 'a file never changes'); END;
    CREATE TRIGGER clearing_file_stays BEFORE DELETE ON clearing_file
    BEGIN SELECT RAISE(ABORT, 'a file is never deleted'); END;

    CREATE TABLE clearing_file_leg (
      file INTEGER NOT NULL REFERENCES clearing_file (number),
      end_to_end_id TEXT NOT NULL REFERENCES clearing_leg (end_to_end_id),
      PRIMARY KEY (file, end_to_end_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE statement_line (
      number INTEGER PRIMARY KEY,
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      kind TEXT NOT NULL CHECK (kind IN ('pain.002', 'camt.053', 'camt.054')),
      message_id TEXT NOT NULL,
      -- Tells the line from every other of its report.
      key TEXT NOT NULL,
      reference TEXT NOT NULL,
      end_to_end_id TEXT NOT NULL,
      amount INTEGER NOT NULL CHECK (amount >= 0),
      currency TEXT CHECK (length(currency) = 3),
      direction INTEGER CHECK (direction IN (1, 2)),
      -- 1 MATCHED, 2 REPEATED, 3 REJECTED, 4 NOTED, 5 UNMATCHED
      outcome INTEGER NOT NULL CHECK (outcome BETWEEN 1 AND 5),
      reason INTEGER CHECK (reason BETWEEN 1 AND 11),
      status_text TEXT NOT NULL,
      window INTEGER,
      import_time INTEGER NOT NULL,
      UNIQUE (environment, kind, message_id, key),
      CHECK ((outcome = 5) = (reason IS NOT NULL)),
      CHECK (outcome = 5 OR window IS NOT NULL),
      FOREIGN KEY (window, environment) REFERENCES clearing_window (number, environment)
    ) STRICT;
    CREATE INDEX statement_line_unmatched ON statement_line (number) WHERE outcome = 5;
    CREATE TRIGGER statement_line_is_fixed BEFORE UPDATE ON statement_line
    BEGIN SELECT RAISE(ABORT, 'a line of a report never changes'); END;
    CREATE TRIGGER statement_line_stays BEFORE DELETE ON statement_line
    BEGIN SELECT RAISE(ABORT, 'a line of a report is never deleted'); END;
    """
}
