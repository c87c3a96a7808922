package import ArgumentParser
import Crypto
import IdentityStore
import Model
package import ServiceRuntime

/// identity: participants, certificates, tokens, revocation.
package enum IdentityService: ServiceDefinition {
  package static let name = "identity"
  package static let summary = "Who may do what on the exchange, provably and revocably."
  package static let defaultListen = "127.0.0.1:7401"
  package static let defaultEnrolmentListen: String? = "127.0.0.1:7400"
  package static let migrations = IdentitySchema.migrations
  package static let settings = [
    Setting(
      "hosts", default: "identity,localhost,127.0.0.1,::1",
      help: "Names and addresses in identity's own certificate, joined by commas."),
    Setting(
      "root-directory",
      help: "Folder of the root's certificate and key; absent while the root is offline."),
  ]
  package static let subcommands: [any ParsableCommand.Type] = [
    BootstrapCommand.self, AuthorityCommand.self,
  ]

  package static func trust(_ context: TrustContext) async throws -> TrustSource {
    let key = try DatabaseKey(directory: context.configuration.dataDirectory)
    let own = OwnCertificate(context: context, key: key)
    return .local(
      LocalTrust(anchors: try await own.authorities().roots) { try await own.issue(for: $0) })
  }

  package static func assemble(_ context: ServiceContext) async throws -> ServiceParts {
    let configuration = context.configuration
    let key = try DatabaseKey(directory: configuration.dataDirectory)
    let now = context.clock.now()
    let authorities = AuthorityView(
      try await context.database.read { try Authorities.load($0, key: key, at: now) })
    let publisher = RevocationPublisher(view: context.revocations, clock: context.clock)
    try await publisher.load(context.database)
    context.database.add(publisher)
    let rotation = KeyRotation(
      transactor: context.transactor, signer: TokenSigner(databaseKey: key), keys: context.keys,
      logger: context.logger)
    try await rotation.rotate()
    let rollover = AuthorityRollover(
      transactor: context.transactor, view: authorities, key: key,
      root: try configuration.string("root-directory").map { try RootAuthority(directory: $0) },
      trustDomain: configuration.trustDomain, logger: context.logger)
    let handlers = IdentityHandlers(
      transactor: context.transactor, authorities: authorities, signer: rotation.signer,
      revocations: context.revocations, trustDomain: configuration.trustDomain)
    return ServiceParts(methods: handlers.methods, services: [rollover, rotation])
  }
}
