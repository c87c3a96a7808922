import ArgumentParser
import Foundation
import Logging

/// Runs the service until SIGTERM or SIGINT.
struct Serve<Definition: ServiceDefinition>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "serve", abstract: "Run the service (the default command).",
      discussion: ConfigurationOptions<Definition>.settingsHelp)
  }

  @OptionGroup var options: ConfigurationOptions<Definition>

  @Flag(help: "Print every setting, its value and where it comes from, and exit.")
  var printConfig = false

  func run() async throws {
    try await reportingStartupErrors {
      let configuration = try await options.load()
      if printConfig { return print(configuration.printed) }
      let logger = try Logger.service(configuration)
      // A reader of the log or of standard output that goes away must not end the service.
      signal(SIGPIPE, SIG_IGN)
      try await ServiceApplication<Definition>(configuration: configuration, logger: logger).run()
    }
  }
}

/// Turns a `StartupError` into its one line on standard error and its exit code, and any other error
/// of `body` into one line and code 70. For the commands of services.
package func reportingStartupErrors(_ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch let error as StartupError {
    FileHandle.standardError.write(Data("\(error.message)\n".utf8))
    throw ExitCode(error.kind.rawValue)
  } catch let code as ExitCode {
    throw code
  } catch {
    let line = StartupError(.software, "unexpected failure: \(error)")
    FileHandle.standardError.write(Data("\(line.message)\n".utf8))
    throw ExitCode(line.kind.rawValue)
  }
}
