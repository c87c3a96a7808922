import Model
import RPC
import Stubs

/// The grant of one order, renewed before it runs out.
struct GrantHolder {
  /// A grant this close to its end is not used for another call.
  private static let marginSeconds: Int64 = 15

  private let settlement: SettlementInstances
  private let clock: WallClock
  private(set) var current: SettlementV1.IssueGrantResponse

  /// Asks for the first grant. Throws what IssueGrant throws.
  init(order: OrderID, settlement: SettlementInstances, clock: WallClock) async throws {
    self.settlement = settlement
    self.clock = clock
    current = try await Self.issue(order, settlement, clock)
  }

  /// A grant that is good for another call.
  mutating func grant() async throws -> String {
    if clock.now().adding(seconds: Self.marginSeconds) >= current.expireTime { try await renew() }
    return current.grant
  }

  /// Asks for another grant: refused once the right to the data has ended.
  mutating func renew() async throws {
    current = try await Self.issue(current.order.id, settlement, clock)
  }

  private static func issue(
    _ order: OrderID, _ settlement: SettlementInstances, _ clock: WallClock
  ) async throws -> SettlementV1.IssueGrantResponse {
    let request = SettlementV1.IssueGrantRequest(
      requestID: .make(at: clock.now()), orderID: order)
    return try await settlement.call { try await OrderServiceClient($0).issueGrant(request) }
  }
}
