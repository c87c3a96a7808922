import Model

/// What is encoded and decoded: an order as a provider reads it, the request that places it, and a full ledger batch.
enum Values {
  static let placeOrder = SettlementV1.PlaceOrderRequest(
    requestID: id(1), offerID: id(2), offerEtag: "7", purpose: "research")

  static func order() throws -> SettlementV1.Order {
    guard let digest = Digest(bytes: (0..<32).map { UInt8($0) }) else { throw NoDigest() }
    return SettlementV1.Order(
      id: id(3), consumerID: id(4), providerID: id(5), offerID: id(2), offerEtag: "7",
      productID: id(6), revisionID: id(7), manifestSHA256: digest, sizeBytes: 1_048_576,
      connectorAddress: "connector.example.vn:8443", environment: .live,
      price: Money(currency: .vnd, minorUnits: 25_000_000),
      split: [
        TypeV1.SplitShare(beneficiary: .provider, participantID: id(5), weight: 700_000),
        TypeV1.SplitShare(beneficiary: .stateBudget, weight: 200_000),
        TypeV1.SplitShare(beneficiary: .platform, weight: 100_000),
      ],
      policy: TypeV1.UsagePolicy(
        purposes: ["research", "statistics"], territories: ["VN"], retentionDays: 365,
        derivationAllowed: true),
      purpose: "research", state: .escrowed, nextActor: .consumer, dueTime: time(3_600),
      agreement: SettlementV1.Agreement(id: id(9), state: .active, validUntil: time(86_400)),
      createTime: time(0), updateTime: time(60))
  }

  private struct NoDigest: Error {}

  static let submit = SettlementV1.SubmitTransfersRequest(
    transfers: (0..<8_000).map { index in
      SettlementV1.Transfer(
        id: id(index), kind: .post, debitAccountID: id(index % 100), creditAccountID: id(101),
        amount: Int64(1_000 + index), currencyCode: "VND", orderID: id(index / 4))
    })

  static let submitted = SettlementV1.SubmitTransfersResponse(
    results: (0..<8_000).map { _ in SettlementV1.TransferResult(outcome: .ok) },
    commitTime: time(0))

  private static func id<Entity>(_ number: Int) -> Identifier<Entity> {
    Identifier(
      high: 0x0193_5a3c_7000_7000 | UInt64(number) << 20,
      low: 0x8000_0000_0000_0000 | UInt64(number) &* 0x9e37_79b9_7f4a_7c15 >> 2)
  }

  private static func time(_ seconds: Int64) -> Timestamp {
    Timestamp(microseconds: 1_795_000_000_123_456).adding(seconds: seconds)
  }
}
