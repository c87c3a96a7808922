import ArgumentParser

/// The root of the command line.
struct Ndx: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ndx",
    abstract: "Trade data on a national data exchange.",
    discussion: """
      Data goes to standard output, messages to standard error. Every command that calls the \
      exchange acts as the participant of a profile (--profile or NDX_PROFILE): a folder that \
      `ndx enrol` made.

      EXIT CODES
        0  done
        1  refused by the exchange; the reason is on standard error
        2  wrong usage: arguments or an input file
        3  unreachable: a service did not answer in time
        4  verification failed: a digest, signature or proof does not hold
        5  something on this machine: a profile, key or folder
        6  fault in the exchange
        130  interrupted

      EXAMPLES
        ndx up                                    start a local exchange in .ndx
        ndx participant list --profile registrar-1
        ndx search "don vi hanh chinh" --profile company
        ndx order place --offer OFFER --purpose research --profile company
        ndx fetch ORDER --to data --profile company
        ndx audit verify receipt.json --key log.vkey
      """,
    subcommands: [
      UpCommand.self, DownCommand.self, StatusCommand.self, EnrolCommand.self,
      ParticipantCommand.self, CredentialCommand.self, ConsentCommand.self, ProductCommand.self,
      ReviewCommand.self,
      OfferCommand.self, SearchCommand.self, AccountCommand.self, LedgerCommand.self,
      OrderCommand.self, FetchCommand.self, UsageCommand.self, InvoiceCommand.self,
      ClearingCommand.self, TaxCommand.self,
      AuditCommand.self, WitnessCommand.self, RoutingCommand.self, ProbeCommand.self,
    ])
}
