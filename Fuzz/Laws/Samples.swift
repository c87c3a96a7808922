import Model

@testable import Crypto
@testable import TransparencyLog

/// Things truly signed by keys that were thrown away: what a forger has to start from.
enum Samples {
  /// A moment at which all of them are valid.
  static let now = Timestamp(microseconds: 1_790_000_000_000_000)
  static let expectation = JSONWebToken.Expectation(
    type: JSONWebToken.accessTokenType, issuer: "https://identity.ndx.test", audience: "settlement")

  static func keys() throws -> JSONWebKeySet { try JSONWebKeySet(parsing: keySet) }
  static func root() throws -> Certificate { try Certificate(pem: rootPEM) }
  static func leaf() throws -> Certificate { try Certificate(pem: leafPEM) }
  static func request() throws -> CertificateSigningRequest {
    try CertificateSigningRequest(pem: requestPEM)
  }
  static func logKey() throws -> VerifierKey { try VerifierKey(logKeyText) }

  static let token = #"""
    eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiYXQrand0In0.eyJhdWQiOiJzZXR0bGVtZW50IiwiY25mIjp7Ing1dCNTMjU2IjoiQTladDBJZzF3Y29fRW96T3JOSHpHc2xCWXdscklQUkZyb1FvVzhDRExYSSJ9LCJleHAiOjE3OTAwMDAzMDAsImlhdCI6MTc5MDAwMDAwMCwiaXNzIjoiaHR0cHM6Ly9pZGVudGl0eS5uZHgudGVzdCIsImp0aSI6InQxIiwibmJmIjoxNzkwMDAwMDAwLCJzY29wZSI6ImNvbnN1bWVyIGxpdmUiLCJzdWIiOiJwLzEifQ.D7ofHWk2wT6v50IogtzbCJ3NPTQL6IRSK4wLXSNy9xm6fKq4XH2oeEoqznriljwwRKivDvO0g1Tq9msqsL5_3A
    """#
  private static let keySet = #"""
    {"keys":[{"alg":"ES256","crv":"P-256","kid":"k1","kty":"EC","use":"sig","x":"_rL4vfpUE_oYojlDtSrUoo0f8ABG3r8JmMYcT8r_Xwk","y":"VHfxFeZ1TnKdH95TNIb8K24OIF3m_ysFjliaxZ8Xk98"}]}
    """#
  private static let rootPEM = #"""
    -----BEGIN CERTIFICATE-----
    MIIBjDCCATKgAwIBAgIQc1jMm68asCtKLmbVdH3dMzAKBggqhkjOPQQDAjAUMRIw
    EAYDVQQDDAlmdXp6IHJvb3QwHhcNMjYwOTIxMTQxMzIwWhcNMjYwOTIyMTQxMzIw
    WjAUMRIwEAYDVQQDDAlmdXp6IHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
    AARVhgTrsr7kkBKCA+L5v7cR2TfEyFb45XC5EgWypf46n0Y31tP/Otojn3CRyFLX
    PMafOL9Maip1CWN/MIO5Eyzko2YwZDAdBgNVHQ4EFgQUQ9TahNsIiZIBzScFHHFl
    Ptw0WwUwHwYDVR0jBBgwFoAUQ9TahNsIiZIBzScFHHFlPtw0WwUwEgYDVR0TAQH/
    BAgwBgEB/wIBATAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwIDSAAwRQIgOb0p
    Pc/RN/WpgqJqsRfpMHzpP1twO5ilqtJegBCP2pQCIQCeEFkjY0IQ1tYLEtOHH//q
    vq3l6y5GRP5tWA5M1FBHBw==
    -----END CERTIFICATE-----

    """#
  private static let leafPEM = #"""
    -----BEGIN CERTIFICATE-----
    MIIB1zCCAX2gAwIBAgIQf6XqBSAke+XjNBmbgDzGBDAKBggqhkjOPQQDAjAUMRIw
    EAYDVQQDDAlmdXp6IHJvb3QwHhcNMjYwOTIxMTQxMzIwWhcNMjYwOTIxMTUxMzIw
    WjAAMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXw8HDQ4n8TJDj4OVmrqwnCKK
    oTBOVRztCyC3qe+4/oWm2jpsaSmAcZZCqXVRno7IL2/j3un7Q0UxMAzRPvJHvqOB
    xDCBwTAdBgNVHQ4EFgQUq2SRXoIcjM9sdhPvxzQElhLJPlwwHwYDVR0jBBgwFoAU
    Q9TahNsIiZIBzScFHHFlPtw0WwUwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMC
    B4AwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMEIGA1UdEQEB/wQ4MDaG
    H3NwaWZmZTovL25keC50ZXN0L3NlcnZpY2UvYXVkaXSCDWF1ZGl0LmV4YW1wbGWH
    BH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIgCdP1Et3kTezcxoLGcqLbCxATh+or++UD
    PHWDlGreRyMCIQD7BwHC81RapCnFRUhnDI35ZuJPLVQ0ojlTrlCR7wBURg==
    -----END CERTIFICATE-----

    """#
  private static let requestPEM = #"""
    -----BEGIN CERTIFICATE REQUEST-----
    MIG6MGICAQAwADBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABP6y+L36VBP6GKI5
    Q7Uq1KKNH/AARt6/CZjGHE/K/18JVHfxFeZ1TnKdH95TNIb8K24OIF3m/ysFjlia
    xZ8Xk9+gADAKBggqhkjOPQQDAgNIADBFAiA0EH/ROw2zsne/qD3RvDE04WPvinXt
    jVwlxWq7KxA2mwIhAJCp7H2YvvEElLLpMDpq/uLEXSrzN9GUv+F8FwKBVlSe
    -----END CERTIFICATE REQUEST-----

    """#
  private static let logKeyText = #"""
    ndx.test/audit+c3fb1e10+ARiCEMlcdIgJ4NTSfujprYU69jeRCHo3Nvs9tSSMV1m9
    """#
  static let checkpoint = #"""
    ndx.test/audit
    5
    UO9D96+wUf3ihCni6NYDMbFmGFv0DupMsApteqkKn+A=

    — ndx.test/audit w/seEB7P+OewphtKBpI5nrlIOLorSWEdV/6Kydj5pF6pvuzfX/hxwMNkLZyFKqOzaDxN4q8v1DoUftb0olMHy/FDdw4=

    """#
  static let entry = #"""
    {"details_hash":"f19f0ad11cdc953fed63db8a7a50443c99c503c3b1179dfb8b1d72e51690fd89","event_id":"00000000-0000-0001-0000-000000000002","format":"ndx.audit.entry/v1","kind":"order.placed","outcome":"accepted","producer":"settlement","producer_sequence":3,"time":"2026-09-21T14:13:22Z","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    """#
}
