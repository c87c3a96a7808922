import ServiceRuntime
import Stubs

/// `ndx.catalog.v1.SearchService`; each RPC is in the file of its name.
struct SearchHandler: SearchServiceHandler {
  let transactor: Transactor
}
