/// The tables of the trades. Their money is in the ledger alone; they say what it was for.
enum OrderSchema {
  static let sql = """
    CREATE TABLE orders (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      consumer_id BLOB NOT NULL CHECK (length(consumer_id) = 16),
      provider_id BLOB NOT NULL CHECK (length(provider_id) = 16),
      offer_id BLOB NOT NULL CHECK (length(offer_id) = 16),
      offer_etag TEXT NOT NULL,
      product_id BLOB NOT NULL CHECK (length(product_id) = 16),
      revision_id BLOB NOT NULL CHECK (length(revision_id) = 16),
      manifest_sha256 BLOB NOT NULL CHECK (length(manifest_sha256) = 32),
      size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
      connector_address TEXT NOT NULL,
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      currency TEXT CHECK (length(currency) = 3),
      price INTEGER CHECK (price BETWEEN 1 AND 1000000000000000),
      policy TEXT NOT NULL CHECK (json_valid(policy)),
      purpose TEXT NOT NULL,
      state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 11),
      due_time INTEGER,
      funding_account INTEGER REFERENCES account (number),
      funding_transfer INTEGER UNIQUE REFERENCES transfer (number),
      end_reason TEXT NOT NULL DEFAULT '',
      create_time INTEGER NOT NULL,
      update_time INTEGER NOT NULL CHECK (update_time >= create_time),
      CHECK (consumer_id <> provider_id),
      CHECK ((currency IS NULL) = (price IS NULL)),
      CHECK ((funding_account IS NULL) = (funding_transfer IS NULL)),
      -- Only what is to be paid is paid, and nothing is delivered for money that is not there.
      CHECK (funding_transfer IS NULL OR price IS NOT NULL),
      CHECK (price IS NULL OR funding_transfer IS NOT NULL OR state IN (1, 2, 7, 8)),
      -- An order that is not over says by when it moves on.
      CHECK ((due_time IS NULL) = (state IN (6, 7, 8, 9, 11)))
    ) STRICT;
    CREATE INDEX order_consumer ON orders (consumer_id, number);
    CREATE INDEX order_provider ON orders (provider_id, number);
    CREATE INDEX order_due ON orders (due_time) WHERE due_time IS NOT NULL;
    CREATE TRIGGER order_stays BEFORE DELETE ON orders
    BEGIN SELECT RAISE(ABORT, 'an order is never deleted'); END;
    CREATE TRIGGER order_ends_once BEFORE UPDATE OF state ON orders
      WHEN OLD.state IN (6, 7, 8, 9, 11) AND NEW.state <> OLD.state
    BEGIN SELECT RAISE(ABORT, 'an order that is over stays so'); END;

    CREATE TABLE order_share (
      order_number INTEGER NOT NULL REFERENCES orders (number),
      position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 15),
      beneficiary INTEGER NOT NULL CHECK (beneficiary BETWEEN 1 AND 5),
      participant_id BLOB CHECK (length(participant_id) = 16),
      weight INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 1000000),
      PRIMARY KEY (order_number, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE agreement (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      order_number INTEGER NOT NULL UNIQUE REFERENCES orders (number),
      state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
      valid_until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE issued_grant (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      order_number INTEGER NOT NULL REFERENCES orders (number),
      certificate_sha256 BLOB NOT NULL CHECK (length(certificate_sha256) = 32),
      issue_time INTEGER NOT NULL,
      expire_time INTEGER NOT NULL CHECK (expire_time > issue_time)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX issued_grant_order ON issued_grant (order_number);

    CREATE TABLE receipt (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      order_number INTEGER NOT NULL UNIQUE REFERENCES orders (number),
      statement BLOB NOT NULL,
      -- The whole receipt in wire form, with both signatures.
      document BLOB NOT NULL,
      create_time INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE payout (
      order_number INTEGER NOT NULL REFERENCES orders (number),
      position INTEGER NOT NULL CHECK (position >= 0),
      beneficiary INTEGER NOT NULL CHECK (beneficiary BETWEEN 1 AND 5),
      account INTEGER NOT NULL REFERENCES account (number),
      amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
      transfer INTEGER NOT NULL UNIQUE REFERENCES transfer (number),
      PRIMARY KEY (order_number, position)
    ) STRICT, WITHOUT ROWID;
    """
}
