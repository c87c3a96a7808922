package import ServiceRuntime

/// Every step of identity's schema, in order. Steps are appended, never changed.
package enum IdentitySchema {
  package static let migrations: [Migration] = [
    .idempotency, .outbox, ParticipantTable.migration, SystemTable.migration,
    EnrolmentTokenTable.migration, CredentialTable.migration, RevocationTable.migration,
    AuthorityTable.migration, SigningKeyTable.migration,
    RoutingTableStore.migration, ConsentTable.migration, RevocationTable.consents,
    .outboxProof,
  ]
}
