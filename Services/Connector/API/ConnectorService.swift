import ConnectorStore
import Foundation
package import ServiceRuntime

/// A provider's data plane: serves the files of a folder against grants. It runs under the
/// certificate of a participant's system, not of a service of the exchange.
package enum ConnectorService: ServiceDefinition {
  package static let name = "connector"
  package static let summary = "Serves a provider's files to consumers that hold a grant."
  package static let defaultListen = "127.0.0.1:7450"
  package static let migrations = ConnectorSchema.migrations
  package static let settings = [
    Setting(
      "data",
      help:
        "Folder of the files to serve: DATA/REVISION-ID/PATH if there is such a folder, else DATA/PATH."
    )
  ]

  package static func trust(_ context: TrustContext) async throws -> TrustSource {
    let data = try context.configuration.required("data")
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: data, isDirectory: &isFolder), isFolder.boolValue
    else { throw StartupError(.missingInput, "the folder \(data) does not exist") }
    return .participant
  }

  /// A connector has no access to the audit log: settlement records the receipts it confirms.
  package static func auditing(_ context: TrustContext) async throws -> Auditing {
    .local { _, _, _ in }
  }

  package static func assemble(_ context: ServiceContext) async throws -> ServiceParts {
    let files = CredentialFiles(directory: context.configuration.dataDirectory)
    let credential: ConnectorParts.CredentialSource = {
      guard let credential = try files.load() else {
        throw StartupError(.missingInput, "the connector has no certificate")
      }
      return credential
    }
    let link = ExchangeLink(context, credential: credential)
    return try await ConnectorParts(
      context, data: try context.configuration.required("data"), credential: credential,
      exchange: link.calls
    ).assembled()
  }
}
