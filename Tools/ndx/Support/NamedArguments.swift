import ArgumentParser
import Model

// Each enumeration that is given as an argument, with what its names in the proto start with.

extension TypeV1.Role: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "ROLE_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension TypeV1.Environment: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "ENVIRONMENT_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension TypeV1.Beneficiary: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "BENEFICIARY_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension TypeV1.Actor: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "ACTOR_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension IdentityV1.ParticipantKind: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "PARTICIPANT_KIND_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension IdentityV1.ParticipantState: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "PARTICIPANT_STATE_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension IdentityV1.CredentialState: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "CREDENTIAL_STATE_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension CatalogV1.DataClass: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "DATA_CLASS_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension CatalogV1.PersonalData: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "PERSONAL_DATA_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension CatalogV1.ProductState: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "PRODUCT_STATE_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension CatalogV1.OfferState: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "OFFER_STATE_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension CatalogV1.ReviewState: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "REVIEW_STATE_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension CatalogV1.ReviewDecision: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "REVIEW_DECISION_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension SettlementV1.OrderState: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "ORDER_STATE_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension SettlementV1.AccountKind: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "ACCOUNT_KIND_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension SettlementV1.AccountState: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "ACCOUNT_STATE_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension SettlementV1.TransferOutcome: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "TRANSFER_OUTCOME_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}

extension AuditV1.Outcome: NamedArgument, @retroactive ExpressibleByArgument {
  static var protoPrefix: String { "OUTCOME_" }
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { choices }
}
