import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs

/// Meters orders that are paid by what was used. One file for each RPC.
struct UsageHandler: UsageServiceHandler {
  let transactor: Transactor
  let partitions: Partitions
}

extension UsageMeter {
  /// What the audit log says of it.
  func audited(_ by: String) -> [String: String] {
    ["by": by, "calls": "\(calls)", "bytes": "\(bytes)", "rows": "\(rows)"]
  }
}
