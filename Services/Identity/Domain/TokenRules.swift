/// What an access token may be for, and how long.
package enum TokenRules {
  /// The services that take participants' tokens.
  package static let audiences: Set<String> = ["identity", "catalog", "settlement", "audit"]
  package static let lifetimeSeconds: Int64 = 300
}
