/// What the exit code says; documented in `ndx --help`.
enum ExitStatus: Int32 {
  case success = 0
  /// The exchange decided against it.
  case refused = 1
  /// Wrong arguments or a malformed input file.
  case usage = 2
  /// A service did not answer, or not in time.
  case unreachable = 3
  /// A digest, signature or proof does not hold.
  case notVerified = 4
  /// Something on this machine: a profile, key or folder.
  case local = 5
  /// The exchange itself is at fault.
  case exchangeFault = 6
  case interrupted = 130
}
