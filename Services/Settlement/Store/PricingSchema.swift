/// The table of tax rules, and what orders froze of their prices.
enum PricingSchema {
  /// Rules that the exchange comes with: times are midnights in Viet Nam (UTC+7), in microseconds.
  ///
  /// - 1: the standard rate, 10 %: Law on Value-Added Tax 48/2024/QH15, article 9, clause 3, in force from 1 July 2025.
  /// - 2: reduced by two points until the end of 2026: Resolution 204/2025/QH15 and Decree 174/2025/ND-CP. The goods and
  ///   services that the decree leaves out (among them telecommunications, finance and real estate) are no data products.
  /// - 3: exported services, 0 %: Law 48/2024/QH15, article 9, clause 1.
  static let sql = """
    CREATE TABLE tax_rule (
      version INTEGER PRIMARY KEY,
      jurisdiction TEXT NOT NULL CHECK (length(jurisdiction) = 2),
      supply INTEGER NOT NULL CHECK (supply IN (1, 2)),
      data_class INTEGER NOT NULL CHECK (data_class BETWEEN 0 AND 4),
      rate INTEGER NOT NULL CHECK (rate BETWEEN 0 AND 10000),
      exempt INTEGER NOT NULL CHECK (exempt IN (0, 1)),
      valid_from INTEGER NOT NULL,
      valid_until INTEGER CHECK (valid_until > valid_from),
      legal_source TEXT NOT NULL CHECK (legal_source <> ''),
      proposer_id BLOB CHECK (length(proposer_id) = 16),
      approver_id BLOB CHECK (length(approver_id) = 16),
      approve_time INTEGER,
      CHECK (exempt = 0 OR rate = 0),
      CHECK (approver_id IS NULL OR approve_time IS NOT NULL),
      CHECK (approver_id <> proposer_id)
    ) STRICT;
    CREATE TRIGGER tax_rule_is_fixed
    BEFORE UPDATE OF version, jurisdiction, supply, data_class, rate, exempt, valid_from,
      valid_until, legal_source, proposer_id ON tax_rule
    BEGIN SELECT RAISE(ABORT, 'a tax rule never changes; it is replaced by a newer version'); END;
    CREATE TRIGGER tax_rule_is_approved_once BEFORE UPDATE ON tax_rule
      WHEN OLD.approve_time IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a tax rule is approved once'); END;
    CREATE TRIGGER tax_rule_stays BEFORE DELETE ON tax_rule
    BEGIN SELECT RAISE(ABORT, 'a tax rule is never deleted'); END;
    INSERT INTO tax_rule (version, jurisdiction, supply, data_class, rate, exempt, valid_from,
      valid_until, legal_source, approve_time)
    VALUES
      (1, 'VN', 1, 0, 1000, 0, 1751302800000000, NULL,
        'Law 48/2024/QH15, article 9, clause 3', 1751302800000000),
      (2, 'VN', 1, 0, 800, 0, 1751302800000000, 1798736400000000,
        'Resolution 204/2025/QH15; Decree 174/2025/ND-CP', 1751302800000000),
      (3, 'VN', 2, 0, 0, 0, 1751302800000000, NULL,
        'Law 48/2024/QH15, article 9, clause 1', 1751302800000000);

    -- How the price of an order was formed and taxed. Orders from before have none: they bear no tax.
    CREATE TABLE order_price (
      order_number INTEGER PRIMARY KEY REFERENCES orders (number),
      model INTEGER NOT NULL CHECK (model BETWEEN 2 AND 4),
      pricing TEXT NOT NULL CHECK (json_valid(pricing)),
      tax_rule INTEGER REFERENCES tax_rule (version),
      tax_rate INTEGER NOT NULL CHECK (tax_rate BETWEEN 0 AND 10000),
      tax INTEGER NOT NULL CHECK (tax BETWEEN 0 AND 1000000000000000),
      CHECK (tax_rule IS NOT NULL OR tax_rate = 0),
      CHECK (tax_rate > 0 OR tax = 0)
    ) STRICT;
    CREATE TRIGGER order_price_is_fixed BEFORE UPDATE ON order_price
    BEGIN SELECT RAISE(ABORT, 'the price of an order never changes'); END;
    CREATE TRIGGER order_price_stays BEFORE DELETE ON order_price
    BEGIN SELECT RAISE(ABORT, 'the price of an order is never deleted'); END;

    -- As before, with the tax office among the beneficiaries.
    CREATE TABLE payout_with_tax (
      order_number INTEGER NOT NULL REFERENCES orders (number),
      position INTEGER NOT NULL CHECK (position >= 0),
      beneficiary INTEGER NOT NULL CHECK (beneficiary BETWEEN 1 AND 6),
      account INTEGER NOT NULL REFERENCES account (number),
      amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
      transfer INTEGER NOT NULL UNIQUE REFERENCES transfer (number),
      PRIMARY KEY (order_number, position)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO payout_with_tax SELECT order_number, position, beneficiary, account, amount, transfer
      FROM payout;
    DROP TABLE payout;
    ALTER TABLE payout_with_tax RENAME TO payout;
    """
}
