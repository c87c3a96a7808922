package import ServiceRuntime

/// The tables of catalog. Values of the protos that nothing searches by are kept as proto3 JSON.
package enum CatalogSchema {
  package static let migrations: [Migration] = [
    .idempotency, .outbox,
    Migration("products, revisions, reviews, offers", sql: products + revisions + reviews + offers),
    Migration("search", sql: search),
    Migration("subscriptions and usage", sql: priceModels),
    .outboxProof,
  ]

  private static let products = """
    CREATE TABLE product (
      number INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
      publisher_id BLOB NOT NULL CHECK (length(publisher_id) = 16),
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8),
      data_class INTEGER NOT NULL CHECK (data_class BETWEEN 1 AND 4),
      personal_data INTEGER NOT NULL CHECK (personal_data BETWEEN 1 AND 3),
      description TEXT NOT NULL CHECK (description LIKE '{%}'),
      due_time INTEGER,
      version INTEGER NOT NULL CHECK (version >= 1),
      create_time INTEGER NOT NULL,
      update_time INTEGER NOT NULL CHECK (update_time >= create_time),
      CHECK (data_class <> 4 OR state IN (1, 4, 5)),
      CHECK ((due_time IS NOT NULL) = (state IN (2, 3)))
    ) STRICT;
    CREATE INDEX product_publisher ON product (publisher_id, id);
    CREATE INDEX product_state ON product (state, id);

    """

  private static let revisions = """
    CREATE TABLE revision (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      product_id BLOB NOT NULL REFERENCES product (id),
      number INTEGER NOT NULL CHECK (number >= 1),
      columns TEXT NOT NULL CHECK (columns LIKE '[%]'),
      connector_address TEXT NOT NULL CHECK (connector_address <> ''),
      manifest_sha256 BLOB NOT NULL CHECK (length(manifest_sha256) = 32),
      size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
      rows INTEGER NOT NULL CHECK (rows >= 0),
      create_time INTEGER NOT NULL,
      UNIQUE (product_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE revision_file (
      revision_id BLOB NOT NULL REFERENCES revision (id),
      path TEXT NOT NULL CHECK (path <> '' AND path NOT LIKE '/%'),
      media_type TEXT NOT NULL,
      size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
      rows INTEGER NOT NULL CHECK (rows >= 0),
      sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
      PRIMARY KEY (revision_id, path)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER revision_is_immutable BEFORE UPDATE ON revision
    BEGIN SELECT RAISE(ABORT, 'a revision never changes'); END;
    CREATE TRIGGER revision_stays BEFORE DELETE ON revision
    BEGIN SELECT RAISE(ABORT, 'a revision is never deleted'); END;
    CREATE TRIGGER revision_file_is_immutable BEFORE UPDATE ON revision_file
    BEGIN SELECT RAISE(ABORT, 'a revision never changes'); END;
    CREATE TRIGGER revision_file_stays BEFORE DELETE ON revision_file
    BEGIN SELECT RAISE(ABORT, 'a revision is never deleted'); END;

    """

  private static let reviews = """
    CREATE TABLE review (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      product_id BLOB NOT NULL REFERENCES product (id),
      state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
      reviewer_id BLOB CHECK (length(reviewer_id) = 16),
      decision INTEGER NOT NULL CHECK (decision BETWEEN 0 AND 3),
      reason TEXT NOT NULL,
      remarks TEXT NOT NULL CHECK (remarks LIKE '[%]'),
      approval_reference TEXT NOT NULL,
      consent_basis TEXT NOT NULL,
      due_time INTEGER NOT NULL,
      create_time INTEGER NOT NULL,
      decide_time INTEGER,
      CHECK ((reviewer_id IS NULL) = (state = 1)),
      CHECK ((decision = 0) = (state <> 3)),
      CHECK ((decide_time IS NULL) = (state <> 3))
    ) STRICT, WITHOUT ROWID;
    -- One review under way for a product at a time.
    CREATE UNIQUE INDEX review_under_way ON review (product_id) WHERE state <> 3;
    CREATE INDEX review_state ON review (state, id);
    CREATE INDEX review_product ON review (product_id, id);

    """

  private static let offers = """
    CREATE TABLE offer (
      id BLOB PRIMARY KEY CHECK (length(id) = 16),
      product_id BLOB NOT NULL REFERENCES product (id),
      provider_id BLOB NOT NULL CHECK (length(provider_id) = 16),
      environment INTEGER NOT NULL CHECK (environment IN (1, 2)),
      state INTEGER NOT NULL CHECK (state IN (1, 2)),
      version INTEGER NOT NULL CHECK (version >= 1),
      create_time INTEGER NOT NULL,
      update_time INTEGER NOT NULL CHECK (update_time >= create_time)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX offer_product ON offer (product_id, id);
    -- Every version of the terms is kept: orders were placed on them.
    CREATE TABLE offer_version (
      offer_id BLOB NOT NULL REFERENCES offer (id),
      version INTEGER NOT NULL CHECK (version >= 1),
      etag TEXT NOT NULL UNIQUE,
      price_model INTEGER NOT NULL CHECK (price_model IN (1, 2)),
      currency TEXT CHECK (length(currency) = 3),
      amount INTEGER CHECK (amount BETWEEN 1 AND 1000000000000000),
      terms TEXT NOT NULL CHECK (terms LIKE '{%}'),
      create_time INTEGER NOT NULL,
      PRIMARY KEY (offer_id, version),
      CHECK ((amount IS NULL) = (price_model = 1)),
      CHECK ((amount IS NULL) = (currency IS NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER offer_version_is_immutable BEFORE UPDATE ON offer_version
    BEGIN SELECT RAISE(ABORT, 'terms never change; they are replaced'); END;

    """

  /// Listed products only. Text arrives folded and in lower case, so that the tokenizer only splits;
  /// `unicode61` by itself would keep đ apart from d.
  private static let search = """
    CREATE VIRTUAL TABLE product_search USING fts5 (
      title_folded, text_folded, title_exact, text_exact,
      tokenize = 'unicode61 remove_diacritics 0'
    );
    """

  /// The table of versions again, with two more price models.
  private static let priceModels = """
    CREATE TABLE offer_version_of_any_model (
      offer_id BLOB NOT NULL REFERENCES offer (id),
      version INTEGER NOT NULL CHECK (version >= 1),
      etag TEXT NOT NULL UNIQUE,
      price_model INTEGER NOT NULL CHECK (price_model BETWEEN 1 AND 4),
      currency TEXT CHECK (length(currency) = 3),
      amount INTEGER CHECK (amount BETWEEN 1 AND 1000000000000000),
      terms TEXT NOT NULL CHECK (terms LIKE '{%}'),
      create_time INTEGER NOT NULL,
      PRIMARY KEY (offer_id, version),
      CHECK ((amount IS NULL) = (price_model = 1)),
      CHECK ((amount IS NULL) = (currency IS NULL))
    ) STRICT, WITHOUT ROWID;
    INSERT INTO offer_version_of_any_model SELECT offer_id, version, etag, price_model, currency,
      amount, terms, create_time FROM offer_version;
    DROP TABLE offer_version;
    ALTER TABLE offer_version_of_any_model RENAME TO offer_version;
    CREATE TRIGGER offer_version_is_immutable BEFORE UPDATE ON offer_version
    BEGIN SELECT RAISE(ABORT, 'terms never change; they are replaced'); END;
    """
}
