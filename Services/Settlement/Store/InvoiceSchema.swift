/// Invoices and credit notes: one row each, in gapless series.
enum InvoiceSchema {
  static let sql = """
    -- Whom an order's invoices name, as catalog and identity said when it was paid.
    CREATE TABLE order_party (
      order_number INTEGER PRIMARY KEY REFERENCES orders (number),
      seller TEXT NOT NULL CHECK (json_valid(seller)),
      buyer TEXT NOT NULL CHECK (json_valid(buyer)),
      title TEXT NOT NULL CHECK (json_valid(title)),
      pay_time INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER order_party_is_written_once BEFORE INSERT ON order_party
      WHEN EXISTS (SELECT 1 FROM order_party WHERE order_number = NEW.order_number)
    BEGIN SELECT RAISE(ABORT, 'the parties of an order never change'); END;
    CREATE TRIGGER order_party_is_fixed BEFORE UPDATE ON order_party
    BEGIN SELECT RAISE(ABORT, 'the parties of an order never change'); END;
    CREATE TRIGGER order_party_stays BEFORE DELETE ON order_party
    BEGIN SELECT RAISE(ABORT, 'the parties of an order are never deleted'); END;

    -- kind: 1 invoice, 2 credit note. A series is (partition, environment, issuer, year, kind).
    CREATE TABLE invoice (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      partition TEXT NOT NULL,
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      issuer_id BLOB NOT NULL CHECK (length(issuer_id) = 16),
      buyer_id BLOB NOT NULL CHECK (length(buyer_id) = 16),
      year INTEGER NOT NULL CHECK (year BETWEEN 1970 AND 9999),
      kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
      serial INTEGER NOT NULL CHECK (serial >= 1),
      corrects INTEGER REFERENCES invoice (number),
      order_number INTEGER NOT NULL REFERENCES orders (number),
      currency TEXT NOT NULL CHECK (length(currency) = 3),
      net INTEGER NOT NULL CHECK (net BETWEEN 0 AND 1000000000000000),
      tax_rule INTEGER REFERENCES tax_rule (version),
      tax_rate INTEGER NOT NULL CHECK (tax_rate BETWEEN 0 AND 10000),
      tax INTEGER NOT NULL CHECK (tax BETWEEN 0 AND 1000000000000000),
      total INTEGER NOT NULL CHECK (total = net + tax AND total > 0),
      seller TEXT NOT NULL CHECK (json_valid(seller)),
      buyer TEXT NOT NULL CHECK (json_valid(buyer)),
      title TEXT NOT NULL CHECK (json_valid(title)),
      lines TEXT NOT NULL CHECK (json_array_length(lines) >= 1),
      issue_time INTEGER NOT NULL,
      UNIQUE (partition, environment, issuer_id, year, kind, serial),
      CHECK ((kind = 2) = (corrects IS NOT NULL)),
      CHECK (tax_rule IS NOT NULL OR tax_rate = 0),
      CHECK (tax_rate > 0 OR tax = 0)
    ) STRICT;
    CREATE INDEX invoice_corrected ON invoice (corrects) WHERE corrects IS NOT NULL;
    CREATE INDEX invoice_order ON invoice (order_number, number);
    CREATE INDEX invoice_issuer ON invoice (issuer_id, number);
    CREATE INDEX invoice_buyer ON invoice (buyer_id, number);
    CREATE TRIGGER invoice_is_next_in_its_series BEFORE INSERT ON invoice
      WHEN NEW.serial <> 1 + (SELECT ifnull(max(serial), 0) FROM invoice
        WHERE partition = NEW.partition AND environment = NEW.environment
          AND issuer_id = NEW.issuer_id AND year = NEW.year AND kind = NEW.kind)
    BEGIN SELECT RAISE(ABORT, 'a series of invoices has no gaps'); END;
    -- Against INSERT OR REPLACE, which deletes without asking the triggers of deletion.
    CREATE TRIGGER invoice_replaces_none BEFORE INSERT ON invoice
      WHEN EXISTS (SELECT 1 FROM invoice WHERE number = NEW.number)
        OR EXISTS (SELECT 1 FROM invoice WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'an invoice is never replaced'); END;
    -- What moved the money of a document; written before it, so that nothing can be added to it. Money that moved is on
    -- one document.
    CREATE TABLE invoice_transfer (
      transfer INTEGER PRIMARY KEY REFERENCES transfer (number),
      invoice INTEGER NOT NULL REFERENCES invoice (number) DEFERRABLE INITIALLY DEFERRED
    ) STRICT;
    CREATE INDEX invoice_transfer_invoice ON invoice_transfer (invoice);
    CREATE TRIGGER invoice_transfer_comes_first BEFORE INSERT ON invoice_transfer
      WHEN EXISTS (SELECT 1 FROM invoice WHERE number = NEW.invoice)
        OR EXISTS (SELECT 1 FROM invoice_transfer WHERE transfer = NEW.transfer)
    BEGIN SELECT RAISE(ABORT, 'what an invoice is about never changes'); END;
    CREATE TRIGGER invoice_transfer_is_fixed BEFORE UPDATE ON invoice_transfer
    BEGIN SELECT RAISE(ABORT, 'what an invoice is about never changes'); END;
    CREATE TRIGGER invoice_transfer_stays BEFORE DELETE ON invoice_transfer
    BEGIN SELECT RAISE(ABORT, 'what an invoice is about never changes'); END;
    CREATE TRIGGER invoice_says_what_moved BEFORE INSERT ON invoice
      WHEN NEW.total IS NOT (SELECT sum(transfer.amount) FROM invoice_transfer
          JOIN transfer ON transfer.number = invoice_transfer.transfer
          WHERE invoice_transfer.invoice = NEW.number)
        OR NOT EXISTS (SELECT 1 FROM orders WHERE orders.number = NEW.order_number
          AND orders.environment = NEW.environment AND orders.provider_id = NEW.issuer_id
          AND orders.consumer_id = NEW.buyer_id)
        OR EXISTS (SELECT 1 FROM invoice_transfer
          JOIN transfer ON transfer.number = invoice_transfer.transfer
          JOIN account ON account.number = transfer.credit
          WHERE invoice_transfer.invoice = NEW.number AND NOT (transfer.kind IN (1, 3)
            AND transfer.order_id IS (SELECT id FROM orders WHERE number = NEW.order_number)
            AND account.currency = NEW.currency AND account.environment = NEW.environment))
    BEGIN SELECT RAISE(ABORT, 'an invoice is about money of its order that moved'); END;
    CREATE TRIGGER credit_note_follows_its_invoice BEFORE INSERT ON invoice
      WHEN NEW.kind = 2 AND NOT EXISTS (SELECT 1 FROM invoice WHERE number = NEW.corrects
        AND kind = 1 AND order_number = NEW.order_number AND tax_rule IS NEW.tax_rule
        AND tax_rate = NEW.tax_rate)
    BEGIN SELECT RAISE(ABORT, 'a credit note corrects an invoice of its order'); END;
    CREATE TRIGGER credit_notes_stay_below_their_invoice BEFORE INSERT ON invoice
      WHEN NEW.kind = 2 AND EXISTS (SELECT 1 FROM invoice AS original
        WHERE original.number = NEW.corrects AND (
          original.net < NEW.net + (SELECT ifnull(sum(net), 0) FROM invoice
            WHERE corrects = NEW.corrects)
          OR original.tax < NEW.tax + (SELECT ifnull(sum(tax), 0) FROM invoice
            WHERE corrects = NEW.corrects)))
    BEGIN SELECT RAISE(ABORT, 'no more is credited than was invoiced'); END;
    CREATE TRIGGER invoice_is_fixed BEFORE UPDATE ON invoice
    BEGIN SELECT RAISE(ABORT, 'an invoice never changes; a credit note corrects it'); END;
    CREATE TRIGGER invoice_stays BEFORE DELETE ON invoice
    BEGIN SELECT RAISE(ABORT, 'an invoice is never deleted'); END;
    """
}
