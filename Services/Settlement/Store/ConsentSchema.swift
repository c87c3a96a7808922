/// On whose consent orders rest.
enum ConsentSchema {
  static let sql = """
    CREATE TABLE order_consent (
      order_number INTEGER NOT NULL REFERENCES orders (number),
      position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 31),
      consent_id BLOB NOT NULL CHECK (length(consent_id) = 16),
      subject_id BLOB NOT NULL CHECK (length(subject_id) = 16),
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      expire_time INTEGER NOT NULL,
      PRIMARY KEY (order_number, position),
      UNIQUE (order_number, consent_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX order_consent_id ON order_consent (consent_id, order_number);
    CREATE INDEX order_consent_subject ON order_consent (subject_id, order_number);
    CREATE TRIGGER order_consent_environment BEFORE INSERT ON order_consent
      WHEN NEW.environment <> (SELECT environment FROM orders WHERE number = NEW.order_number)
    BEGIN SELECT RAISE(ABORT, 'an order rests on consents of its own environment'); END;
    CREATE TRIGGER order_consent_is_fixed BEFORE UPDATE ON order_consent
    BEGIN SELECT RAISE(ABORT, 'what an order rests on never changes'); END;
    CREATE TRIGGER order_consent_stays BEFORE DELETE ON order_consent
    BEGIN SELECT RAISE(ABORT, 'what an order rests on is never deleted'); END;

    -- Whether somebody whom the data are about has stopped their use for now.
    ALTER TABLE agreement ADD COLUMN consent_paused INTEGER NOT NULL DEFAULT 0
      CHECK (consent_paused IN (0, 1));
    """

  /// What people were paid is found by their accounts.
  static let dividends = "CREATE INDEX payout_account ON payout (account, order_number)"
}
