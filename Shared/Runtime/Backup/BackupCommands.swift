import ArgumentParser

/// Copies the database of the service, which may be running.
struct Backup<Definition: ServiceDefinition>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "backup",
      abstract: "Copy the database to a new file, while the service runs; the copy is checked.",
      discussion: """
        The file comes first, then settings. The copy holds what was committed when it began. Keys and certificates \
        are files of their own beside the database, and are not in it.

        \(ConfigurationOptions<Definition>.settingsHelp)
        """)
  }

  @Argument(help: "The file to make; it must not exist.") var file: String
  @OptionGroup var options: ConfigurationOptions<Definition>

  func run() async throws {
    try await reportingStartupErrors {
      try DatabaseBackup(Definition.self, try await options.load()).make(at: file)
      print(file)
    }
  }
}

/// Puts a copy of the database in its place.
struct Restore<Definition: ServiceDefinition>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "restore",
      abstract: "Put a copy that `backup` made in the place of the database of a stopped service.",
      discussion: """
        The file comes first, then settings. It is checked before anything changes; what was written after it was made \
        is lost.

        \(ConfigurationOptions<Definition>.settingsHelp)
        """)
  }

  @Argument(help: "What `backup` made.") var file: String
  @Flag(help: "Set a database that is there aside, under its name and .replaced.") var replace =
    false
  @OptionGroup var options: ConfigurationOptions<Definition>

  func run() async throws {
    try await reportingStartupErrors {
      let configuration = try await options.load()
      try DatabaseBackup(Definition.self, configuration).restore(from: file, replacing: replace)
      print(configuration.path("\(Definition.name).sqlite"))
    }
  }
}

extension DatabaseBackup {
  fileprivate init<Definition: ServiceDefinition>(
    _ definition: Definition.Type, _ configuration: ServiceConfiguration
  ) {
    self.init(
      of: configuration.path("\(definition.name).sqlite"), service: definition.name,
      migrations: definition.migrations)
  }
}
