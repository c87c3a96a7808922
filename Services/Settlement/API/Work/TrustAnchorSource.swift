import Crypto
import RPC
import ServiceRuntime
import SettlementDomain

/// The roots that this service trusts now, for the certificates of receipts.
struct TrustAnchorSource: Sendable {
  private let tls: TLSContextStore
  private let trustDomain: String

  init(_ context: ServiceContext) {
    tls = context.tls
    trustDomain = context.configuration.trustDomain
  }

  func current() throws -> TrustAnchors {
    guard case .anchors(let pem) = tls.trust else {
      throw StartupError(.software, "a service has trust anchors")
    }
    return TrustAnchors(trustDomain: trustDomain, roots: try Certificate.all(inPEM: pem))
  }
}
