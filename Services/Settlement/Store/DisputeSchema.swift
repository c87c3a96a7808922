/// The tables of disputes, suspensions and the changes that watchers follow.
enum DisputeSchema {
  static let sql = """
    -- Evidence is the SHA-256 digests one after another.
    CREATE TABLE dispute (
      order_number INTEGER PRIMARY KEY REFERENCES orders (number),
      reason INTEGER NOT NULL CHECK (reason BETWEEN 1 AND 5),
      objection TEXT NOT NULL,
      objection_evidence BLOB NOT NULL CHECK (length(objection_evidence) % 32 = 0),
      objection_time INTEGER NOT NULL,
      answer TEXT,
      answer_evidence BLOB CHECK (length(answer_evidence) % 32 = 0),
      answer_time INTEGER,
      reply_due INTEGER,
      reply TEXT,
      reply_evidence BLOB CHECK (length(reply_evidence) % 32 = 0),
      reply_time INTEGER,
      outcome INTEGER CHECK (outcome BETWEEN 1 AND 7),
      arbiter_id BLOB CHECK (length(arbiter_id) = 16),
      refund INTEGER NOT NULL DEFAULT 0 CHECK (refund >= 0),
      explanation TEXT,
      end_time INTEGER,
      CHECK ((answer IS NULL) = (answer_evidence IS NULL)),
      CHECK ((answer IS NULL) = (answer_time IS NULL)),
      CHECK ((answer IS NULL) = (reply_due IS NULL)),
      CHECK ((reply IS NULL) = (reply_evidence IS NULL)),
      CHECK ((reply IS NULL) = (reply_time IS NULL)),
      CHECK (reply IS NULL OR answer IS NOT NULL),
      CHECK ((outcome IS NULL) = (end_time IS NULL)),
      -- Whatever an arbiter decided is signed and explained, and nothing else is.
      CHECK ((arbiter_id IS NOT NULL) = (outcome IS NOT NULL AND outcome <= 3)),
      CHECK ((arbiter_id IS NULL) = (explanation IS NULL)),
      CHECK ((refund > 0) = (outcome IS NOT NULL AND outcome = 2))
    ) STRICT;
    CREATE TRIGGER dispute_ends_once BEFORE UPDATE ON dispute WHEN OLD.outcome IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a dispute that is over stays so'); END;
    CREATE TRIGGER dispute_stays BEFORE DELETE ON dispute
    BEGIN SELECT RAISE(ABORT, 'a dispute is never deleted'); END;
    CREATE TRIGGER dispute_arbiter_is_no_party BEFORE UPDATE OF arbiter_id ON dispute
      WHEN NEW.arbiter_id IN (
        SELECT consumer_id FROM orders WHERE number = NEW.order_number
        UNION ALL SELECT provider_id FROM orders WHERE number = NEW.order_number)
    BEGIN SELECT RAISE(ABORT, 'an arbiter is no party'); END;

    -- Who suspended: 1 consumer, 2 provider, 3 the exchange.
    ALTER TABLE agreement ADD COLUMN suspended_by INTEGER CHECK (suspended_by IN (2, 3));
    CREATE TRIGGER agreement_ends_once BEFORE UPDATE OF state ON agreement
      WHEN OLD.state = 4 AND NEW.state <> OLD.state
    BEGIN SELECT RAISE(ABORT, 'an agreement that was terminated stays so'); END;

    -- Every change of an order, in the order of commits.
    CREATE TABLE order_change (
      cursor INTEGER PRIMARY KEY AUTOINCREMENT,
      order_number INTEGER NOT NULL REFERENCES orders (number),
      consumer_id BLOB NOT NULL CHECK (length(consumer_id) = 16),
      provider_id BLOB NOT NULL CHECK (length(provider_id) = 16),
      state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 11),
      agreement_state INTEGER CHECK (agreement_state BETWEEN 1 AND 4),
      change_time INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX order_change_consumer ON order_change (consumer_id, cursor);
    CREATE INDEX order_change_provider ON order_change (provider_id, cursor);
    CREATE TRIGGER order_change_is_immutable BEFORE UPDATE ON order_change
    BEGIN SELECT RAISE(ABORT, 'what happened never changes'); END;
    CREATE TRIGGER order_change_stays BEFORE DELETE ON order_change
    BEGIN SELECT RAISE(ABORT, 'what happened is never deleted'); END;
    INSERT INTO order_change (order_number, consumer_id, provider_id, state, agreement_state,
      change_time)
    SELECT number, consumer_id, provider_id, orders.state, agreement.state, update_time
    FROM orders LEFT JOIN agreement ON agreement.order_number = number ORDER BY update_time, number;
    """
}
