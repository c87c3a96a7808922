import ArgumentParser
import Foundation
import IdentityStore
import Logging
import Model
import RPC
import ServiceRuntime

/// `identity ca …`: what is done with the root, away from the running service.
struct AuthorityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ca", abstract: "Make the root, and issuing authorities under it.",
    subcommands: [Initialise.self, Issue.self])

  struct Initialise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "init",
      abstract: "Make a root and print the SHA-256 fingerprint of its certificate.",
      discussion: "Keep the folder offline; only `identity ca issue` and `bootstrap` need it.")

    @Option(help: "Folder for root.pem and root-key.pem; must not hold a root yet.")
    var directory: String

    @Option(help: "Authority part of the exchange's SPIFFE ids.")
    var trustDomain = "ndx.local"

    func run() async throws {
      try await reportingStartupErrors {
        guard !RootAuthority.exists(in: directory) else {
          throw StartupError(.cannotWrite, "\(directory) holds a root already")
        }
        let root = try RootAuthority.make(
          in: directory, trustDomain: trustDomain, at: WallClock.system.now())
        print(root.fingerprint)
      }
    }
  }

  struct Issue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "issue",
      abstract: "Make an issuing authority in identity's database, while identity does not run.",
      discussion: ConfigurationOptions<IdentityService>.settingsHelp)

    @Option(help: "Folder with root.pem and root-key.pem.")
    var rootDirectory: String

    @OptionGroup var options: ConfigurationOptions<IdentityService>

    func run() async throws {
      try await reportingStartupErrors {
        let configuration = try await options.load()
        let root = try RootAuthority(directory: rootDirectory)
        try await IdentityDatabase.use(configuration) { database, key in
          let serial = try await IssuerMaker(
            transactor: Transactor(database: database), key: key,
            trustDomain: configuration.trustDomain
          ).make(under: root)
          print(serial)
        }
      }
    }
  }
}

/// identity's database in the hands of a command.
enum IdentityDatabase {
  /// Opens it, made and migrated where necessary, and closes it after `body`. Throws one line when
  /// identity is running.
  @discardableResult
  static func use<Value>(
    _ configuration: ServiceConfiguration,
    _ body: (ServiceDatabase, DatabaseKey) async throws -> Value
  ) async throws -> Value {
    try Folder.make(configuration.dataDirectory)
    let key = try DatabaseKey.makeIfMissing(directory: configuration.dataDirectory)
    let database = try ServiceDatabase(
      at: configuration.path("identity.sqlite"), service: IdentityService.name,
      migrations: IdentityService.migrations,
      logger: Logger(label: "identity") { _ in
        SwiftLogNoOpLogHandler()
      })
    do {
      let value = try await body(database, key)
      await database.close()
      return value
    } catch {
      await database.close()
      throw error
    }
  }
}

/// Adds issuing authorities, and the root that stands above them, to the database.
struct IssuerMaker: Sendable {
  let transactor: Transactor
  let key: DatabaseKey
  let trustDomain: String

  /// Returns the serial number of the new authority.
  func make(under root: RootAuthority) async throws -> String {
    let row = try root.makeIssuer(
      trustDomain: trustDomain, key: key, at: transactor.clock.now())
    let context = CallContext.own(service: "identity", work: "IssuerMaker")
    try await transactor.write(context) { transaction in
      let known = try AuthorityTable.list(at: transaction.now, transaction.db)
      if !known.contains(where: { $0.serial == root.row.serial }) {
        try AuthorityTable.insert(root.row, transaction.db)
      }
      try AuthorityTable.insert(row, transaction.db)
      try transaction.emit(
        AuditEvent(
          kind: "authority.prepared", subjects: ["authority/\(row.serial)"],
          payload: ["not_after": row.notAfter.description]))
    }
    return row.serial
  }
}
