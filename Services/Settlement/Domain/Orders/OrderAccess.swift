package import Model

/// Who may see an order, and act on it. To everybody else it does not exist.
package enum OrderAccess {
  /// Roles of the exchange's own staff, which see every order and account.
  package static let staffRoles: Set<TypeV1.Role> = [
    .registrar, .securityOfficer, .complianceReviewer, .arbiter, .clearingOfficer, .auditor,
  ]

  /// - Throws: `SettlementError.orderNotFound`.
  package static func requireConsumer(
    _ participant: ParticipantID?, of order: Order
  ) throws(SettlementError) {
    guard participant == order.terms.consumerID else { throw .orderNotFound(order.id) }
  }

  /// - Throws: `SettlementError.orderNotFound`.
  package static func requireProvider(
    _ participant: ParticipantID?, of order: Order
  ) throws(SettlementError) {
    guard participant == order.terms.providerID else { throw .orderNotFound(order.id) }
  }

  /// - Throws: `SettlementError.orderNotFound`.
  package static func requireParty(
    _ participant: ParticipantID?, of order: Order
  ) throws(SettlementError) {
    guard participant == order.terms.consumerID || participant == order.terms.providerID else {
      throw .orderNotFound(order.id)
    }
  }
}
