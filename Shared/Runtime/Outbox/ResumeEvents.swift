import ArgumentParser
import Foundation
import Logging
import Model

/// For a service whose database was restored from an older copy than the log knows: numbers the events that wait anew.
struct ResumeEvents<Definition: ServiceDefinition>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "resume-events",
      abstract: "After an old copy was restored: number the audit events that wait anew.",
      discussion: """
        The log holds events of this service that an older copy of its database has lost. This gives the next number of \
        the log to an event that says so, and the numbers after it to those that wait. The service must be stopped. Use \
        it only when no newer copy exists: what the lost events tell of is in the log alone.

        \(ConfigurationOptions<Definition>.settingsHelp)
        """)
  }

  @Option(help: "The number that the log expects, from the error that the service reported.")
  var next: Int64
  @OptionGroup var options: ConfigurationOptions<Definition>

  func run() async throws {
    try await reportingStartupErrors {
      let configuration = try await options.load()
      let database = try ServiceDatabase(
        at: configuration.path("\(Definition.name).sqlite"), service: Definition.name,
        migrations: Definition.migrations, logger: Logger(label: Definition.name))
      let (next, now) = (next, WallClock.system.now())
      let result = await Result<Int, any Error>.of {
        try await database.write {
          try Outbox.resume(at: next, service: Definition.name, now: now, $0)
        }
      }
      await database.close()
      print("\(try result.get()) events follow number \(next)")
    }
  }
}
