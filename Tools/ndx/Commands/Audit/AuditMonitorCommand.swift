import ArgumentParser
import Client
import Foundation
import Model
import RPC
import TransparencyLog

extension AuditCommand {
  /// `ndx audit monitor`.
  struct Monitor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Follow the log's public side, and raise the alarm when it is not what it was.",
      discussion: """
        Needs the log's verifier key and nobody's word: no profile, no account. Every new entry is hashed \
        into the tree and compared with the signed root and every tile; each producer's numbers must have no \
        gap. One line for each new checkpoint. What was seen is remembered in the state file; two checkpoints \
        that contradict each other are kept beside it. Alarms go to standard error, with --output json as \
        lines to standard output. It goes on until Ctrl-C or SIGTERM; exit code 4 when there was an alarm, \
        and with --once 3 when the log could not be reached.

        EXAMPLES
          ndx audit monitor https://log.example --key log.vkey --once
          ndx audit monitor https://127.0.0.1:7405 --key log.vkey --ca trust.pem \\
            --server-id spiffe://ndx.local/service/audit --max-age 3600
        """)
    @OptionGroup var display: OutputOptions
    @Argument(help: "Where the log is read: https, or http on loopback.") var url: String
    @Option(help: "The log's verifier key, or a file that holds it.") var key: String
    @Option(help: "File that remembers what was seen; of this log and monitor alone.")
    var state = "monitor.state"
    @Option(help: "Certificates to believe (PEM) instead of the system's.") var ca: String?
    @Option(
      help: "SPIFFE id that the server shows under --ca, instead of a certificate for its name.")
    var serverID: String?
    @Option(
      help: "Policy of witnesses (c2sp.org/tlog-policy) whose quorum each checkpoint must have.")
    var witnessPolicy: String?
    @Option(help: "Raise the alarm when nothing new was published for so many seconds.")
    var maxAge: Int64?
    @Option(help: "Seconds from one look to the next.") var interval = 10
    @Flag(help: "Look once and end.") var once = false

    func validate() throws {
      guard (1...86_400).contains(interval) else {
        throw ValidationError("--interval must be 1 to 86400 seconds.")
      }
      guard maxAge ?? 1 > 0 else { throw ValidationError("--max-age must be above 0.") }
      guard serverID == nil || ca != nil else { throw ValidationError("--server-id needs --ca.") }
    }

    func run() async throws {
      let signals = Signals.stream([SIGINT, SIGTERM])
      let key = try InputFile.verifierKey(key)
      let policy = try witnessPolicy.map { try WitnessPolicy(InputFile.bytes($0)) }
      let state = try LocalFile.read(state).map { try MonitorState($0, key: key) }
      let watch = LogWatch(
        source: try PublicLogSource(url, trust: try trust()), key: key, policy: policy,
        stateFile: self.state, maximumAgeSeconds: maxAge, display: display)
      if once {
        try await watch.lookOnce(after: state)
      } else {
        let interval = Duration.seconds(interval)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { for await _ in signals { break } }
          group.addTask { try await watch.goOn(after: state, every: interval) }
          defer { group.cancelAll() }
          try await group.next()
        }
      }
      guard let reason = watch.firstAlarm else { return }
      throw ExchangeError(
        "LOG_ALARM",
        Text(vi: "Nhật ký đáng ngờ: \(reason).", en: "The log is not to be trusted: \(reason).")[
          display.effectiveLanguage], status: .notVerified)
    }

    private func trust() throws -> WebTrust {
      guard let ca else { return .roots(pem: nil) }
      let pem = try InputFile.text(ca)
      guard let serverID else { return .roots(pem: pem) }
      let anchors = TLSCredentials(identity: nil, trust: .anchors(pem: pem))
      return .exchange(try TLSContextStore(anchors), .spiffeID(serverID))
    }
  }
}

extension InputFile {
  /// The verifier key that an argument is, or that the first line of the file is that it names.
  static func verifierKey(_ argument: String) throws -> VerifierKey {
    let text = argument.contains("+") ? argument : try text(argument)
    guard let line = text.split(whereSeparator: \.isNewline).first else {
      throw LogFormatError.malformed("verifier key")
    }
    return try VerifierKey(String(line))
  }
}
