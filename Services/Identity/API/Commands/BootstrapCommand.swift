import ArgumentParser
import Crypto
import Foundation
import Model
import ServiceRuntime

/// `identity bootstrap`: what a new exchange needs before its services can start.
struct BootstrapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootstrap",
    abstract: "Make the root, identity's database, the staff, and tokens to enrol everybody with.",
    discussion: """
      Writes into the folder: root/ (root.pem, root-key.pem: take it offline), trust.pem, \
      ca-fingerprint, services/NAME.token and staff/NAME.token (0600, single use, valid for ten \
      minutes). Prints the paths and the fingerprint as JSON. Run again, it makes fresh tokens and \
      leaves everything else as it is. identity must not be running.

      \(ConfigurationOptions<IdentityService>.settingsHelp)
      """)

  @Option(help: "Folder for the root, the trust bundle and the tokens.")
  var directory: String

  @OptionGroup var options: ConfigurationOptions<IdentityService>

  func run() async throws {
    try await reportingStartupErrors {
      let configuration = try await options.load()
      try await IdentityDatabase.use(configuration) { database, key in
        let bootstrap = Bootstrap(
          directory: directory, trustDomain: configuration.trustDomain, key: key,
          transactor: Transactor(database: database))
        print(try await bootstrap.run().text)
      }
    }
  }
}
