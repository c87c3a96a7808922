package import GRDB
package import IdentityDomain
package import Model
import ServiceRuntime

/// Consents, which never change, and what happened to each, which is only ever added to.
package enum ConsentTable {
  static let migration = Migration(
    "consents",
    sql: """
      CREATE UNIQUE INDEX participant_environment ON participant (id, environment);

      CREATE TABLE consent (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        version INTEGER NOT NULL CHECK (version = 1),
        subject_id BLOB NOT NULL,
        provider_id BLOB NOT NULL,
        consumer_id BLOB NOT NULL,
        environment TEXT NOT NULL,
        -- The same for the same three, random otherwise.
        pseudonym TEXT NOT NULL CHECK (length(pseudonym) = 32),
        purpose TEXT NOT NULL CHECK (length(purpose) BETWEEN 1 AND 64),
        categories TEXT NOT NULL CHECK (json_array_length(categories) BETWEEN 1 AND 16),
        sensitive INTEGER NOT NULL CHECK (sensitive IN (0, 1)),
        start_time INTEGER NOT NULL,
        expire_time INTEGER NOT NULL CHECK (expire_time > start_time),
        use TEXT NOT NULL CHECK (use IN (\(StoredEnum.list(IdentityV1.ConsentUse.self)))),
        frequency_orders INTEGER CHECK (frequency_orders BETWEEN 1 AND 1000),
        frequency_days INTEGER CHECK (frequency_days BETWEEN 1 AND 366),
        retention_days INTEGER NOT NULL CHECK (retention_days BETWEEN 1 AND 36500),
        sale_basis TEXT NOT NULL CHECK (length(sale_basis) <= 200),
        create_time INTEGER NOT NULL,
        CHECK (subject_id <> provider_id AND subject_id <> consumer_id AND provider_id <> consumer_id),
        CHECK ((use = 'CONSENT_USE_PERIODIC') = (frequency_orders IS NOT NULL)),
        CHECK ((frequency_orders IS NULL) = (frequency_days IS NULL)),
        -- All three are of the consent's environment.
        FOREIGN KEY (subject_id, environment) REFERENCES participant (id, environment),
        FOREIGN KEY (provider_id, environment) REFERENCES participant (id, environment),
        FOREIGN KEY (consumer_id, environment) REFERENCES participant (id, environment)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX consent_subject ON consent (subject_id, id);
      CREATE INDEX consent_provider ON consent (provider_id, id);
      CREATE INDEX consent_consumer ON consent (consumer_id, id);
      CREATE TRIGGER consent_is_immutable BEFORE UPDATE ON consent
        BEGIN SELECT RAISE(ABORT, 'what was consented to never changes'); END;
      CREATE TRIGGER consent_stays BEFORE DELETE ON consent
        BEGIN SELECT RAISE(ABORT, 'a consent is never deleted'); END;

      CREATE TABLE consent_event (
        number INTEGER PRIMARY KEY,
        consent_id BLOB NOT NULL REFERENCES consent (id),
        kind TEXT NOT NULL CHECK (kind IN (\(StoredEnum.list(IdentityV1.ConsentEventKind.self)))),
        reason TEXT NOT NULL CHECK (length(reason) <= 1000),
        order_id BLOB CHECK (length(order_id) = 16),
        certificate BLOB,
        signature BLOB CHECK (length(signature) = 64),
        time INTEGER NOT NULL,
        CHECK ((kind = 'CONSENT_EVENT_KIND_USED') = (order_id IS NOT NULL)),
        CHECK ((kind = 'CONSENT_EVENT_KIND_GIVEN') = (signature IS NOT NULL)),
        CHECK ((certificate IS NULL) = (signature IS NULL))
      ) STRICT;
      CREATE INDEX consent_event_all ON consent_event (consent_id, number);
      CREATE INDEX consent_event_decision ON consent_event (consent_id, number)
        WHERE order_id IS NULL;
      CREATE UNIQUE INDEX consent_event_use ON consent_event (consent_id, order_id)
        WHERE order_id IS NOT NULL;
      CREATE UNIQUE INDEX consent_given_once ON consent_event (consent_id)
        WHERE signature IS NOT NULL;
      CREATE TRIGGER consent_event_is_final BEFORE UPDATE ON consent_event
        BEGIN SELECT RAISE(ABORT, 'what happened to a consent never changes'); END;
      CREATE TRIGGER consent_event_stays BEFORE DELETE ON consent_event
        BEGIN SELECT RAISE(ABORT, 'what happened to a consent is never deleted'); END;
      CREATE TRIGGER consent_used_while_given BEFORE INSERT ON consent_event
        WHEN NEW.order_id IS NOT NULL AND (
          SELECT kind FROM consent_event WHERE consent_id = NEW.consent_id AND order_id IS NULL
          ORDER BY number DESC LIMIT 1
        ) NOT IN ('CONSENT_EVENT_KIND_GIVEN', 'CONSENT_EVENT_KIND_RESUMED')
        BEGIN SELECT RAISE(ABORT, 'only a consent that was given is used'); END;
      CREATE TRIGGER consent_used_once BEFORE INSERT ON consent_event
        WHEN NEW.order_id IS NOT NULL
          AND (SELECT use FROM consent WHERE id = NEW.consent_id) = 'CONSENT_USE_ONE_TIME'
          AND EXISTS (SELECT 1 FROM consent_event
            WHERE consent_id = NEW.consent_id AND order_id IS NOT NULL)
        BEGIN SELECT RAISE(ABORT, 'a one-time consent is used once'); END;
      CREATE TRIGGER consent_withdrawn_for_good BEFORE INSERT ON consent_event
        WHEN EXISTS (SELECT 1 FROM consent_event
          WHERE consent_id = NEW.consent_id AND kind = 'CONSENT_EVENT_KIND_WITHDRAWN')
        BEGIN SELECT RAISE(ABORT, 'a consent that was withdrawn stays so'); END;
      """)

  package static func insert(_ consent: Consent, _ db: Database) throws {
    let artefact = consent.artefact
    try db.cachedStatement(
      sql: """
        INSERT INTO consent (id, version, subject_id, provider_id, consumer_id, environment, pseudonym,
          purpose, categories, sensitive, start_time, expire_time, use, frequency_orders,
          frequency_days, retention_days, sale_basis, create_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      consent.id, artefact.version, consent.subjectID, artefact.providerID, artefact.consumerID,
      try StoredEnum.text(artefact.environment), artefact.subjectPseudonym, artefact.purpose,
      try StoredList.text(artefact.dataCategories), artefact.sensitive, artefact.startTime,
      artefact.expireTime, try StoredEnum.text(artefact.use), artefact.frequency?.orders,
      artefact.frequency?.days, artefact.retentionDays, artefact.saleBasis, consent.createTime,
    ])
  }

  /// What a person is called between a provider and a consumer; nil when they have not met before.
  package static func pseudonym(of parties: ConsentParties, _ db: Database) throws -> String? {
    try String.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT pseudonym FROM consent INDEXED BY consent_subject
          WHERE subject_id = ? AND provider_id = ? AND consumer_id = ? LIMIT 1
          """), arguments: [parties.subject.id, parties.provider.id, parties.consumer.id])
  }

  /// Throws `ConsentRule.notFound`.
  package static func get(_ id: ConsentID, _ db: Database) throws -> Consent {
    guard let consent = try find(id, db) else { throw IdentityError.consent(.notFound) }
    return consent
  }

  package static func find(_ id: ConsentID, _ db: Database) throws -> Consent? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM consent WHERE id = ?"), arguments: [id]
    ).map { try consent($0, db) }
  }

  /// Oldest first, after `id`; those of one participant, or all; of one consumer if given.
  package static func list(
    of participant: ParticipantID?, consumer: ParticipantID?, after id: ConsentID?, limit: Int,
    _ db: Database
  ) throws -> [Consent] {
    let start = id ?? ConsentID(high: 0, low: 0)
    let condition = "(?2 IS NULL OR consumer_id = ?2) AND id > ?3 ORDER BY id LIMIT ?4"
    let query: String
    if participant == nil {
      let own = consumer == nil ? "" : "consumer_id = ?2 AND "
      query = "SELECT * FROM consent WHERE ?1 IS NULL AND \(own)\(condition)"
    } else {
      // The three parties of a consent are different ones, so that nothing comes twice.
      query =
        ["subject_id", "provider_id", "consumer_id"].map {
          "SELECT * FROM (SELECT * FROM consent WHERE \($0) = ?1 AND \(condition))"
        }.joined(separator: " UNION ALL ") + " ORDER BY id LIMIT ?4"
    }
    return try Row.fetchAll(
      db.cachedStatement(sql: query), arguments: [participant, consumer, start, limit]
    ).map { try consent($0, db) }
  }

  private static func consent(_ row: Row, _ db: Database) throws -> Consent {
    let id: ConsentID = row["id"]
    var frequency: IdentityV1.ConsentFrequency?
    if let orders: Int32 = row["frequency_orders"] {
      frequency = IdentityV1.ConsentFrequency(orders: orders, days: row["frequency_days"])
    }
    let latest = try ConsentEventTable.latestDecision(on: id, db)
    return Consent(
      artefact: IdentityV1.ConsentArtefact(
        consentID: id, version: row["version"], subjectPseudonym: row["pseudonym"],
        providerID: row["provider_id"], consumerID: row["consumer_id"],
        environment: try StoredEnum.value("environment", of: row), purpose: row["purpose"],
        dataCategories: try StoredList.values(row["categories"]), sensitive: row["sensitive"],
        startTime: row["start_time"], expireTime: row["expire_time"],
        use: try StoredEnum.value("use", of: row), frequency: frequency,
        retentionDays: row["retention_days"], saleBasis: row["sale_basis"]),
      subjectID: row["subject_id"], standing: latest.standing,
      signature: try ConsentEventTable.signature(of: id, db), createTime: row["create_time"],
      updateTime: latest.time)
  }
}
