import ConnectorDomain
import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs

/// `ndx.delivery.v1.DeliveryService`; each RPC is in the file of its name.
struct DeliveryHandler: DeliveryServiceHandler {
  let grants: GrantVerifier
  let manifests: Manifests
  let folder: ContentFolder
  let database: ServiceDatabase
  let revocations: RevocationView
  let trustDomain: String
  let credential: ConnectorParts.CredentialSource
  let relay: ReceiptRelay
  let agreements: LiveAgreements
  let clock: WallClock

  /// The caller's grant and the revision it names.
  func admit(
    _ grant: String, _ context: CallContext
  ) async throws -> (grant: DeliveryGrant, revision: CatalogV1.Revision) {
    let grant = try await grants.verify(grant, presentedIn: context)
    return (grant, try await manifests.revision(for: grant))
  }
}
