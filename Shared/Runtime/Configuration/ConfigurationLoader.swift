import Configuration
import Foundation

/// Reads settings from flags, environment, file and defaults, in that order.
package struct ConfigurationLoader: Sendable {
  private let service: String
  private let settings: [Setting]

  package init<Definition: ServiceDefinition>(_: Definition.Type) {
    service = Definition.name
    settings = Definition.allSettings
  }

  /// - Parameters:
  ///   - flags: by setting name; names that are no setting are refused.
  ///   - file: path of a JSON file of one object, or nil.
  package func load(
    flags: [String: String], environment: [String: String], file: String?
  ) async throws(StartupError) -> ServiceConfiguration {
    if let unknown = flags.keys.first(where: { name in !settings.contains { $0.name == name } }) {
      throw StartupError(.configuration, "there is no setting --\(unknown)")
    }
    var sources: [(name: String, reader: ConfigReader)] = [
      ("flag", ConfigReader(provider: InMemoryProvider(values: values(flags)))),
      (
        "environment",
        ConfigReader(
          provider: EnvironmentVariablesProvider(environmentVariables: environment)
            .prefixKeys(with: ConfigKey(["ndx", service])))
      ),
    ]
    if let file { sources.append(("file", try await read(file))) }
    var found: [String: ConfiguredValue] = [:]
    for setting in settings {
      let value = sources.lazy.compactMap { source in
        text(setting, source.reader).map { ConfiguredValue(text: $0, source: source.name) }
      }.first
      found[setting.name] =
        value ?? setting.defaultValue.map { ConfiguredValue(text: $0, source: "default") }
    }
    return try ServiceConfiguration(service: service, settings: settings, values: found)
  }

  private func values(_ flags: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    for (name, value) in flags {
      values[AbsoluteConfigKey([name])] = ConfigValue(.string(value), isSecret: false)
    }
    return values
  }

  private func read(_ path: String) async throws(StartupError) -> ConfigReader {
    let location = ConfigReader(
      provider: InMemoryProvider(values: [
        AbsoluteConfigKey(["filePath"]): ConfigValue(.string(path), isSecret: false)
      ]))
    do {
      return ConfigReader(provider: try await FileProvider<JSONSnapshot>(config: location))
    } catch {
      throw StartupError(.configuration, "cannot read the configuration file \(path): \(error)")
    }
  }

  /// Numbers and switches of a JSON file count as their text.
  private func text(_ setting: Setting, _ reader: ConfigReader) -> String? {
    let key = ConfigKey([setting.name])
    return reader.string(forKey: key, isSecret: setting.isSecret)
      ?? reader.int(forKey: key, isSecret: setting.isSecret).map { String($0) }
      ?? reader.bool(forKey: key, isSecret: setting.isSecret).map { String($0) }
  }
}

/// A value and where it came from.
struct ConfiguredValue: Sendable, Hashable {
  let text: String
  let source: String
}
