/// One thing that can be configured: as flag `--data-directory`, as environment variable
/// `NDX_SETTLEMENT_DATA_DIRECTORY`, as `"data-directory"` in the JSON file that `--config` names,
/// or by default; the first that is there wins.
package struct Setting: Sendable, Hashable {
  /// Words of lower-case letters and digits, joined by dashes.
  package let name: String
  package let defaultValue: String?
  /// One sentence for `--help`.
  package let help: String
  /// Whether `--print-config` and logs hide its value.
  package let isSecret: Bool

  package init(
    _ name: String, default defaultValue: String? = nil, help: String, isSecret: Bool = false
  ) {
    self.name = name
    self.defaultValue = defaultValue
    self.help = help
    self.isSecret = isSecret
  }
}
