import ServiceRuntime
import Stubs

/// `ndx.catalog.v1.ReviewService`; each RPC is in the file of its name.
struct ReviewHandler: ReviewServiceHandler {
  let transactor: Transactor
}
