/// What each kind of identifier names. These types have no values.
package enum Entity {
  package enum Participant {}
  package enum System {}
  package enum Credential {}
  package enum EnrolmentToken {}
  package enum RoleBinding {}
  package enum Consent {}
  package enum Product {}
  package enum Revision {}
  package enum Review {}
  package enum Offer {}
  package enum Account {}
  package enum Transfer {}
  package enum Order {}
  package enum Agreement {}
  package enum Grant {}
  package enum Receipt {}
  package enum Window {}
  package enum Invoice {}
  package enum Event {}
  package enum Request {}
}

/// A party admitted to the exchange, or applying for it.
package typealias ParticipantID = Identifier<Entity.Participant>
/// A participant's client system.
package typealias SystemID = Identifier<Entity.System>
/// A certificate that identity issued.
package typealias CredentialID = Identifier<Entity.Credential>
/// A token with which a system enrols once.
package typealias EnrolmentTokenID = Identifier<Entity.EnrolmentToken>
/// The binding of a role to a participant.
package typealias RoleBindingID = Identifier<Entity.RoleBinding>
/// What a person has been asked to agree to, and may have.
package typealias ConsentID = Identifier<Entity.Consent>
/// A data product.
package typealias ProductID = Identifier<Entity.Product>
/// An immutable revision of a product's content.
package typealias RevisionID = Identifier<Entity.Revision>
/// A reviewer's examination of a product.
package typealias ReviewID = Identifier<Entity.Review>
/// The terms on which a product is sold.
package typealias OfferID = Identifier<Entity.Offer>
/// An account of the ledger.
package typealias AccountID = Identifier<Entity.Account>
/// A transfer of the ledger; also its idempotency key.
package typealias TransferID = Identifier<Entity.Transfer>
/// A trade, from placing to settlement.
package typealias OrderID = Identifier<Entity.Order>
/// What an order entitles its consumer to.
package typealias AgreementID = Identifier<Entity.Agreement>
/// A short-lived signed right to fetch.
package typealias GrantID = Identifier<Entity.Grant>
/// A delivery receipt.
package typealias ReceiptID = Identifier<Entity.Receipt>
/// A clearing window.
package typealias WindowID = Identifier<Entity.Window>
/// An invoice or a credit note.
package typealias InvoiceID = Identifier<Entity.Invoice>
/// An audit event.
package typealias EventID = Identifier<Entity.Event>
/// The idempotency key of a mutating call, chosen by the client.
package typealias RequestID = Identifier<Entity.Request>
