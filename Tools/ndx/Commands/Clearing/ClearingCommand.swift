import ArgumentParser
import Model

/// `ndx clearing`.
struct ClearingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clearing",
    abstract: "Settle net: members, windows, payment files, banks' reports, statements.",
    discussion: """
      A window goes from open to closed, settling and settled; docs/clearing.md tells the whole day.

      EXAMPLES
        ndx clearing put-member --participant ID --account ACCOUNT --name "CONG TY A" \\
          --bic BFTVVNVX --bank-account 0011004000001 --profile clearing-officer
        ndx clearing windows --state open --model net --profile clearing-officer
        ndx clearing close WINDOW --profile clearing-officer
        ndx clearing start WINDOW --profile clearing-officer
        ndx clearing export WINDOW pay-ins.xml --format pacs-009 --direction pay-in \\
          --profile clearing-officer
        ndx clearing import report.xml --environment live --profile clearing-officer
        ndx clearing lines --unmatched --profile auditor
        ndx clearing statement ACCOUNT --window WINDOW --form csv --profile company
      """,
    subcommands: [
      PutMember.self, Members.self, Windows.self, Show.self, Positions.self, Close.self,
      Start.self, Export.self, Import.self, Lines.self, Confirm.self, Abort.self, Reopen.self,
      Statement.self,
    ])
}
