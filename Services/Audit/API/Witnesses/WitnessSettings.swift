import RPC
import ServiceRuntime
import TransparencyLog

/// Which witnesses the log asks, from the configuration.
struct WitnessSettings: Sendable {
  static let settings = [
    Setting(
      "witness-policy",
      help: "File with the log's witness policy (c2sp.org/tlog-policy); none for no witnesses."),
    Setting(
      "witness-roots",
      help: "File with the roots (PEM) of the witnesses' certificates; default those of the system."
    ),
    Setting(
      "witness-refresh-seconds", default: "60",
      help: "Age at which a witness is asked again about the same checkpoint, 1 to 3600."),
  ]

  let policy: WitnessPolicy
  /// One for each witness of the policy, in its order.
  let clients: [WebClient]
  let refresh: Duration

  /// Nil without a policy.
  /// - Parameter key: the log's; a policy that lists logs must list this one.
  init?(_ configuration: ServiceConfiguration, key: VerifierKey) throws {
    guard let text = try configuration.file("witness-policy", limit: LogLimits.policyBytes) else {
      return nil
    }
    do {
      policy = try WitnessPolicy(text)
    } catch let error as LogFormatError {
      throw StartupError(.configuration, "witness-policy: \(error)")
    }
    guard policy.logs.isEmpty || policy.logs.contains(where: { $0.key == key }) else {
      throw StartupError(.configuration, "witness-policy is not about the log \(key)")
    }
    let roots = try configuration.file("witness-roots", limit: 1 << 20)
      .map { String(decoding: $0, as: UTF8.self) }
    refresh = .seconds(try configuration.integer("witness-refresh-seconds", in: 1...3_600))
    clients = try policy.witnesses.map { try Self.client($0, roots) }
  }

  private static func client(_ witness: WitnessPolicy.Witness, _ roots: String?) throws -> WebClient
  {
    var limits = WebClientConfiguration()
    limits.requestTimeout = .seconds(10)
    limits.maximumBodyBytes = LogLimits.cosignatureBytes
    limits.maximumIdleConnections = 1
    do {
      return try WebClient(
        WebAddress(witness.url), trust: .roots(pem: roots), configuration: limits)
    } catch {
      throw StartupError(
        .configuration, "witness-policy: the witness \(witness.name) cannot be asked: \(error)")
    }
  }
}
