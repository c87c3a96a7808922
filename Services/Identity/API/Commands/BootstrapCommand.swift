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
      ca-fingerprint, services/NAME/ (enrolment.token and trust.pem: what the service needs) and \
      staff/NAME.token. Tokens are single-use, valid for ten minutes, and in files of mode 0600. \
      Prints the paths and the fingerprint as JSON. Run again, it makes fresh tokens and leaves \
      everything else as it is. identity must not be running.

      \(ConfigurationOptions<IdentityService>.settingsHelp)
      """)

  @Option(help: "Folder for the root, the trust bundle and the tokens.")
  var directory: String

  @Option(
    name: .customLong("instance"),
    help: ArgumentHelp(
      "A further instance of settlement, at the host settlement-NAME; may be repeated.",
      valueName: "name"))
  var instances: [String] = []

  @Flag(help: "Succeed without doing anything when identity is running.")
  var unlessRunning = false

  @OptionGroup var options: ConfigurationOptions<IdentityService>

  func validate() throws {
    guard instances.allSatisfy({ IdentityV1.Partition.isName($0) }) else {
      throw ValidationError("--instance must be letters, digits, - and _.")
    }
  }

  func run() async throws {
    try await reportingStartupErrors {
      let configuration = try await options.load()
      do {
        try await IdentityDatabase.use(configuration) { database, key in
          let bootstrap = Bootstrap(
            directory: directory, trustDomain: configuration.trustDomain, key: key,
            transactor: Transactor(database: database), instances: instances)
          print(try await bootstrap.run().text)
        }
      } catch let error as StartupError where unlessRunning && error.kind == .unavailable {
        FileHandle.standardError.write(Data("nothing done: \(error.message)\n".utf8))
      }
    }
  }
}
