import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension UsageHandler {
  func getUsage(
    _ request: SettlementV1.GetUsageRequest, _ context: CallContext
  ) async throws -> SettlementV1.GetUsageResponse {
    let viewer = try context.viewer()
    let (found, meter) = try await transactor.database.read { db in
      (try OrderTable(db).find(request.orderID), try UsageTable(db).meter(of: request.orderID))
    }
    guard let order = found, viewer.sees(order) else {
      throw partitions.unknown(.orderNotFound(request.orderID))
    }
    guard order.terms.isMetered, let cap = order.terms.price, let pricing = order.terms.pricing
    else { throw SettlementError.usage(.notMetered, expected: 0) }
    let price = UsagePrice.amount(of: meter, at: pricing)
    let tax = ValueAddedTax.amount(
      on: price, rateBasisPoints: order.terms.tax?.rateBasisPoints ?? 0)
    return SettlementV1.GetUsageResponse(
      calls: meter.calls, bytes: meter.bytes, rows: meter.rows, unit: pricing.usageUnit,
      units: meter.units(of: pricing.usageUnit),
      price: Money(currency: cap.currency, minorUnits: price),
      tax: Money(currency: cap.currency, minorUnits: tax), cap: cap,
      closeTime: order.agreement?.validUntil)
  }
}
