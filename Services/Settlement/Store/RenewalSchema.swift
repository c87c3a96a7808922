/// How far subscriptions that renew are paid.
enum RenewalSchema {
  static let sql = """
    -- Every period after the first, with what paid it: one payment for each.
    CREATE TABLE renewal_payment (
      order_number INTEGER NOT NULL REFERENCES orders (number),
      period INTEGER NOT NULL CHECK (period >= 2),
      period_start INTEGER NOT NULL,
      period_end INTEGER NOT NULL CHECK (period_end > period_start),
      transfer INTEGER NOT NULL UNIQUE REFERENCES transfer (number),
      tax_rule INTEGER REFERENCES tax_rule (version),
      tax_rate INTEGER NOT NULL CHECK (tax_rate BETWEEN 0 AND 10000),
      tax INTEGER NOT NULL CHECK (tax BETWEEN 0 AND 1000000000000000),
      create_time INTEGER NOT NULL,
      PRIMARY KEY (order_number, period),
      CHECK (tax_rule IS NOT NULL OR tax_rate = 0),
      CHECK (tax_rate > 0 OR tax = 0)
    ) STRICT, WITHOUT ROWID;
    -- Against INSERT OR REPLACE too, which deletes without asking the triggers of deletion.
    CREATE TRIGGER renewal_payment_is_next BEFORE INSERT ON renewal_payment
      WHEN NEW.period <> 1 + (SELECT coalesce(max(period), 1) FROM renewal_payment
        WHERE order_number = NEW.order_number)
        OR EXISTS (SELECT 1 FROM renewal_payment WHERE transfer = NEW.transfer)
    BEGIN SELECT RAISE(ABORT, 'each period is paid once, one after another'); END;
    CREATE TRIGGER renewal_payment_is_immutable BEFORE UPDATE ON renewal_payment
    BEGIN SELECT RAISE(ABORT, 'the payment of a period never changes'); END;
    CREATE TRIGGER renewal_payment_stays BEFORE DELETE ON renewal_payment
    BEGIN SELECT RAISE(ABORT, 'the payment of a period is never deleted'); END;

    CREATE TABLE renewal (
      order_number INTEGER PRIMARY KEY REFERENCES orders (number),
      start_time INTEGER NOT NULL,
      period INTEGER NOT NULL CHECK (period >= 1),
      period_start INTEGER NOT NULL CHECK (period_start >= start_time),
      period_end INTEGER NOT NULL CHECK (period_end > period_start),
      last_period INTEGER CHECK (last_period >= period),
      next_time INTEGER,
      refusal TEXT NOT NULL
    ) STRICT;
    CREATE INDEX renewal_due ON renewal (next_time) WHERE next_time IS NOT NULL;
    CREATE TRIGGER renewal_is_paid BEFORE UPDATE OF period ON renewal
      WHEN NEW.period <> OLD.period AND NOT (NEW.period = OLD.period + 1
        AND NEW.period_start = OLD.period_end AND EXISTS (SELECT 1 FROM renewal_payment
          WHERE order_number = NEW.order_number AND period = NEW.period
            AND period_start = NEW.period_start AND period_end = NEW.period_end))
    BEGIN SELECT RAISE(ABORT, 'a period begins when it is paid'); END;
    CREATE TRIGGER renewal_ends_once BEFORE UPDATE ON renewal
      WHEN OLD.next_time IS NULL AND NEW.next_time IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a renewal that is over stays so'); END;
    CREATE TRIGGER renewal_is_cancelled_once BEFORE UPDATE OF last_period ON renewal
      WHEN OLD.last_period IS NOT NULL AND NEW.last_period IS NOT OLD.last_period
    BEGIN SELECT RAISE(ABORT, 'a renewal that was cancelled stays so'); END;
    CREATE TRIGGER renewal_stays BEFORE DELETE ON renewal
    BEGIN SELECT RAISE(ABORT, 'a renewal is never deleted'); END;
    """
}
