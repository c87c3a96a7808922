/// What payouts have given back.
enum RefundSchema {
  static let sql = """
    CREATE TABLE payout_refund (
      order_number INTEGER NOT NULL,
      position INTEGER NOT NULL,
      amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
      transfer INTEGER NOT NULL UNIQUE REFERENCES transfer (number),
      create_time INTEGER NOT NULL,
      PRIMARY KEY (order_number, position, transfer),
      FOREIGN KEY (order_number, position) REFERENCES payout (order_number, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER payout_refund_is_left BEFORE INSERT ON payout_refund
      WHEN NEW.amount + (SELECT coalesce(sum(amount), 0) FROM payout_refund
          WHERE order_number = NEW.order_number AND position = NEW.position)
        > (SELECT amount FROM payout
          WHERE order_number = NEW.order_number AND position = NEW.position)
    BEGIN SELECT RAISE(ABORT, 'no more goes back than was paid out'); END;
    CREATE TRIGGER payout_refund_is_immutable BEFORE UPDATE ON payout_refund
    BEGIN SELECT RAISE(ABORT, 'what was given back never changes'); END;
    CREATE TRIGGER payout_refund_stays BEFORE DELETE ON payout_refund
    BEGIN SELECT RAISE(ABORT, 'what was given back is never deleted'); END;

    -- As before; but what was paid out may be given back.
    DROP TRIGGER order_ends_once;
    CREATE TRIGGER order_ends_once BEFORE UPDATE OF state ON orders
      WHEN OLD.state IN (6, 7, 8, 9, 11) AND NEW.state <> OLD.state
        AND NOT (OLD.state IN (6, 11) AND NEW.state IN (9, 11)
          AND EXISTS (SELECT 1 FROM payout_refund WHERE order_number = NEW.number))
    BEGIN SELECT RAISE(ABORT, 'an order that is over stays so'); END;
    """
}
