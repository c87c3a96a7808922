extension ServiceDefinition {
  /// Every setting of the service: what all services have, and its own.
  package static var allSettings: [Setting] {
    var settings = [
      Setting(
        "listen", default: defaultListen, help: "HOST:PORT to serve on; port 0 picks a free one.")
    ]
    if let defaultEnrolmentListen {
      settings.append(
        Setting(
          "enrolment-listen", default: defaultEnrolmentListen,
          help: "HOST:PORT for callers that have no certificate yet."))
    }
    return settings + CommonSettings.all(service: name) + Self.settings
  }
}

enum CommonSettings {
  static func all(service: String) -> [Setting] {
    [
      Setting(
        "data-directory", default: "/var/lib/ndx/\(service)",
        help: "Folder of the database, key and certificate."),
      Setting(
        "trust-domain", default: "ndx.local", help: "Authority part of the exchange's SPIFFE ids."),
      Setting("identity-address", default: "127.0.0.1:7401", help: "HOST:PORT of identity."),
      Setting(
        "enrolment-address", default: "127.0.0.1:7400",
        help: "HOST:PORT of identity's listener for callers without a certificate."),
      Setting("catalog-address", default: "127.0.0.1:7402", help: "HOST:PORT of catalog."),
      Setting("settlement-address", default: "127.0.0.1:7403", help: "HOST:PORT of settlement."),
      Setting("audit-address", default: "127.0.0.1:7404", help: "HOST:PORT of audit."),
      Setting(
        "log-verifier-key",
        help:
          "The audit log's verifier key (NAME+HASH+KEY); when absent, the first that the log shows is kept, and another one refused."
      ),
      Setting(
        "enrolment-token-file",
        help: "File with the token that buys the first certificate; read when there is none."),
      Setting(
        "enrolment-seconds", default: "60",
        help: "How long to try to enrol at start, 1 to 3600."),
      Setting(
        "certificate-seconds", default: "3600",
        help: "Lifetime to ask for certificates, 300 to 86400; renewed at half of it."),
      Setting(
        "ca-fingerprint", help: "SHA-256 of the exchange's root certificate, in hexadecimal."),
      Setting(
        "trust-bundle-file",
        help: "PEM file of the exchange's root certificates; instead of ca-fingerprint."),
      Setting(
        "log-level", default: "info",
        help: "trace, debug, info, notice, warning, error or critical."),
      Setting(
        "slow-call-milliseconds", default: "1000",
        help: "Unary calls that take longer are logged as warnings, 1 to 3600000."),
      Setting(
        "metrics-listen",
        help: "HOST:PORT on loopback for Prometheus to read metrics from; none when absent."),
      Setting(
        "ready-file",
        help:
          "File that holds the bound addresses while the service is ready; default DATA-DIRECTORY/ready."
      ),
      Setting(
        "shutdown-seconds", default: "20",
        help: "How long open calls may take to finish after SIGTERM, 0 to 3600."),
    ]
  }
}
