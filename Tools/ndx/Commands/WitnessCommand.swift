import ArgumentParser
import Crypto
import Foundation
import Glibc
import Logging
import Model
import RPC
import TransparencyLog
import Witnessing

/// `ndx witness`.
struct WitnessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness",
    abstract: "Run a witness: cosign the checkpoints of logs that never take anything back.",
    discussion: """
      A witness (c2sp.org/tlog-witness) remembers the newest checkpoint of each log that it knows, and cosigns \
      those that extend it. Logs ask it; it asks nobody. The first start makes its key. When a log contradicts \
      itself, a file in DIRECTORY/evidence holds both checkpoints. Never run it from a copy of its folder: \
      it must not forget what it has signed. Ctrl-C or SIGTERM ends it.

      EXAMPLES
        ndx witness --name witness.example/w1 --log log.vkey
        ndx witness --log log.vkey --listen 0.0.0.0:7410 --certificate w1.pem --private-key w1.key
      """)

  @Option(help: "Folder of the witness; of this one alone.") var directory = "witness"
  @Option(help: "Name of the witness, a URL without scheme; needed at the first start.")
  var name: String?
  @Option(
    name: .customLong("log"),
    help: ArgumentHelp(
      "Verifier key of a log to witness, or a file with one in each line; once for each.",
      valueName: "vkey"))
  var logs: [String] = []
  @Option(help: "HOST:PORT to listen on; port 0 for a free one.") var listen = "127.0.0.1:7410"
  @Option(
    help: "Certificate chain of the server (PEM, leaf first); none for plain http on loopback.")
  var certificate: String?
  @Option(help: "Private key of the certificate (PEM, PKCS#8), readable by its owner alone.")
  var privateKey: String?
  @OptionGroup var display: OutputOptions

  func validate() throws {
    guard (certificate == nil) == (privateKey == nil) else {
      throw ValidationError("Give both --certificate and --private-key, or none of them.")
    }
    guard address != nil else { throw ValidationError("--listen must be HOST:PORT.") }
  }

  func run() async throws {
    let signals = Signals.stream([SIGINT, SIGTERM])
    guard let (host, port) = address else { return }
    let language = display.effectiveLanguage
    let witness = try WitnessHost(
      WitnessHost.Configuration(
        directory: directory, name: name, logs: try keys(), host: host, port: port,
        identity: try identity()),
      logger: Logger(label: "witness") { _ in SwiftLogNoOpLogHandler() }
    ) { conflict, file in
      Console.note(Self.warning(conflict, file)[language])
    }
    let bound = try await witness.start()
    let scheme = certificate == nil ? "http" : "https"
    try display.show(
      WitnessReport(key: "\(witness.key)", address: "\(scheme)://\(host):\(bound)"))
    for await _ in signals { break }
    await witness.shutdown()
  }

  private var address: (host: String, port: Int)? {
    guard let colon = listen.lastIndex(of: ":"),
      let port = UInt16(listen[listen.index(after: colon)...])
    else { return nil }
    let host = listen[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
    return host.isEmpty ? nil : (String(host), Int(port))
  }

  private func keys() throws -> [VerifierKey] {
    try logs.flatMap { log in
      let text = log.contains("+") ? log : try InputFile.text(log)
      return try text.split(whereSeparator: \.isNewline).map { try VerifierKey(String($0)) }
    }
  }

  private func identity() throws -> TLSCredentials.Identity? {
    guard let certificate, let privateKey else { return nil }
    return TLSCredentials.Identity(
      certificateChainPEM: try InputFile.text(certificate),
      privateKeyPEM: try KeyFile.readText(privateKey))
  }

  private static func warning(_ conflict: LogConflict, _ file: String) -> Text {
    switch conflict.kind {
    case .fork:
      Text(
        vi: "NHẬT KÝ TỰ MÂU THUẪN: hai gốc cho cùng một cỡ, đều có chữ ký; bằng chứng: \(file)",
        en: "THE LOG CONTRADICTS ITSELF: two signed roots of one size; evidence: \(file)")
    case .unproven:
      Text(
        vi: "Một điểm kiểm không được chứng minh là nối tiếp điểm đã thấy; bằng chứng: \(file)",
        en: "A checkpoint came without proof that it extends what was seen; evidence: \(file)")
    }
  }
}

/// What a log's operator must know of a witness.
struct WitnessReport: Presentable {
  let key: String
  let address: String

  static var headings: [String] { ["key", "address"] }

  func cells(_ language: Language) -> [String] { [key, address] }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}
