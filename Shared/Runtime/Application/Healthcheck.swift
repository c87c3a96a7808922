import ArgumentParser

/// Asks a running service of the same configuration whether it is ready.
struct Healthcheck<Definition: ServiceDefinition>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "healthcheck", abstract: "Exit 0 when the running service is ready, 69 if not.")
  }

  func run() async throws {}
}
