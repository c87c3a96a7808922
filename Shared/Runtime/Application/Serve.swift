import ArgumentParser

/// Runs the service until SIGTERM or SIGINT.
struct Serve<Definition: ServiceDefinition>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "serve", abstract: "Run the service (the default command).")
  }

  func run() async throws {}
}
