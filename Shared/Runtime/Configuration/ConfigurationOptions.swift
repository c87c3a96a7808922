import ArgumentParser
import Foundation

/// The flags that every command of a service takes.
package struct ConfigurationOptions<Definition: ServiceDefinition>: ParsableArguments {
  @Option(name: .customLong("config"), help: "JSON file with settings.")
  private var file: String?

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp("Settings, each as --NAME VALUE; listed below.", valueName: "settings"))
  private var settings: [String] = []

  package init() {}

  /// Reads the configuration: these flags, then environment, file and defaults.
  package func load() async throws(StartupError) -> ServiceConfiguration {
    try await ConfigurationLoader(Definition.self).load(
      flags: try Self.flags(settings), environment: ProcessInfo.processInfo.environment, file: file)
  }

  static func flags(_ arguments: [String]) throws(StartupError) -> [String: String] {
    var flags: [String: String] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--"), argument.count > 2 else {
        throw StartupError(.configuration, "unexpected argument \(argument)")
      }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 || argument.hasSuffix("=") {
        flags[parts[0]] = parts.count == 2 ? parts[1] : ""
      } else if let value = rest.popFirst() {
        flags[parts[0]] = value
      } else {
        throw StartupError(.configuration, "\(argument) needs a value")
      }
    }
    return flags
  }

  /// The settings for `--help`, with their environment variables and defaults.
  package static var settingsHelp: String {
    let lines = Definition.allSettings.map { setting in
      let fallback = setting.defaultValue.map { " (default \($0))" } ?? ""
      return "  --\(setting.name)\n      \(setting.help)\(fallback)"
    }
    let variable = "NDX_\(Definition.name.uppercased())_"
    return """
      Each setting is a flag, an environment variable (\(variable)LISTEN for --listen) or a member of \
      the JSON file that --config names; a flag wins over the environment, the environment over the \
      file, the file over the default.

      SETTINGS:
      \(lines.joined(separator: "\n"))

      EXIT CODES:
        0 stopped cleanly; 65 corrupt, foreign or too new a database; 66 a file is missing; \
      69 something needed is not available, such as the port; 70 unexpected failure; 73 a file or \
      folder cannot be written; 77 a key file is open to others; 78 wrong configuration.
      """
  }
}
