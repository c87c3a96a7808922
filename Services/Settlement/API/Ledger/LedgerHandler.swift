import ServiceRuntime
import Stubs

/// The general ledger: accounts and transfers. One file for each RPC.
struct LedgerHandler: LedgerServiceHandler {
  let transactor: Transactor
  let ledger: Ledger
}
