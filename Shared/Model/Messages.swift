/// A message that the protos define.
package protocol ProtoMessage: Sendable, Hashable, Codable {
  /// Full name in the protos, such as "ndx.settlement.v1.PlaceOrderRequest".
  static var messageName: String { get }
}

/// An enumeration that the protos define. Values unknown to this build are kept.
package protocol ProtoEnum: RawRepresentable, Sendable, Hashable, Codable, CaseIterable
where RawValue == Int32 {
  init(rawValue: Int32)
  /// The value of a name in the protos, such as "ORDER_STATE_PLACED".
  init?(protoName: String)
  /// The name in the protos; nil for a value that they do not define.
  var protoName: String? { get }
}

/// A request that changes something, and changes it once however often it is sent.
package protocol MutatingRequest: ProtoMessage {
  /// The idempotency key, chosen by the client.
  var requestID: RequestID { get }
}

/// A response that says whether it is the recorded answer to an earlier request.
package protocol ReplayableResponse: ProtoMessage {
  var replayed: Bool { get set }
}

/// A request for one page of a list (AIP-158).
package protocol PagedRequest: ProtoMessage {
  /// Most items wanted; 0 leaves it to the service.
  var pageSize: Int32 { get }
  /// Where to go on, from the previous page; empty for the first.
  var pageToken: String { get }
}
