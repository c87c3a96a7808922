/// What was used of orders that are paid by usage.
enum UsageSchema {
  static let sql = """
    -- Every record, as reported: gapless for each system of a provider.
    CREATE TABLE usage_record (
      provider_id BLOB NOT NULL CHECK (length(provider_id) = 16),
      system_id BLOB NOT NULL CHECK (length(system_id) = 16),
      sequence INTEGER NOT NULL CHECK (sequence >= 1),
      order_id BLOB NOT NULL CHECK (length(order_id) = 16),
      calls INTEGER NOT NULL CHECK (calls >= 0),
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      rows INTEGER NOT NULL CHECK (rows >= 0),
      -- 1 counted, 3 no such order, 4 period closed, 5 meter full
      outcome INTEGER NOT NULL CHECK (outcome IN (1, 3, 4, 5)),
      create_time INTEGER NOT NULL,
      PRIMARY KEY (provider_id, system_id, sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER usage_record_is_gapless BEFORE INSERT ON usage_record
      WHEN NEW.sequence <> 1 + (SELECT coalesce(max(sequence), 0) FROM usage_record
        WHERE provider_id = NEW.provider_id AND system_id = NEW.system_id)
    BEGIN SELECT RAISE(ABORT, 'records of usage come without gaps'); END;
    CREATE TRIGGER usage_record_is_immutable BEFORE UPDATE ON usage_record
    BEGIN SELECT RAISE(ABORT, 'a record of usage never changes'); END;
    CREATE TRIGGER usage_record_stays BEFORE DELETE ON usage_record
    BEGIN SELECT RAISE(ABORT, 'a record of usage is never deleted'); END;

    -- The sum of what counts of an order.
    CREATE TABLE usage_meter (
      order_number INTEGER PRIMARY KEY REFERENCES orders (number),
      calls INTEGER NOT NULL CHECK (calls BETWEEN 0 AND 1000000000000000),
      bytes INTEGER NOT NULL CHECK (bytes BETWEEN 0 AND 1000000000000000),
      rows INTEGER NOT NULL CHECK (rows BETWEEN 0 AND 1000000000000000)
    ) STRICT;
    CREATE TRIGGER usage_meter_only_rises BEFORE UPDATE ON usage_meter
      WHEN NEW.calls < OLD.calls OR NEW.bytes < OLD.bytes OR NEW.rows < OLD.rows
    BEGIN SELECT RAISE(ABORT, 'a meter only rises'); END;
    """
}
