package import ArgumentParser

/// A service's command line. The whole of a service's main file is
/// `await ServiceMain<SettlementService>.main()`.
///
/// `serve` is the default command. Exit codes: 0 after a clean stop, otherwise those of
/// `StartupError.Kind`, with one line on standard error.
package struct ServiceMain<Definition: ServiceDefinition>: AsyncParsableCommand {
  package static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Definition.name, abstract: Definition.summary,
      subcommands: [
        Serve<Definition>.self, Healthcheck<Definition>.self, Backup<Definition>.self,
        Restore<Definition>.self, ResumeEvents<Definition>.self,
      ] + Definition.subcommands,
      defaultSubcommand: Serve<Definition>.self)
  }

  package init() {}
}
