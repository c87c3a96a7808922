/// Why a process refuses to start (or to go on): one line for the operator and an exit code for
/// scripts. It never carries secrets.
package struct StartupError: Error, CustomStringConvertible, Equatable {
  /// What kind of thing is wrong. The raw value is the process's exit code, after sysexits(3).
  package enum Kind: Int32, Sendable {
    /// A database or other file is corrupt, foreign, or written by a newer version.
    case badData = 65
    /// A file that must exist does not: a key, a certificate, an enrolment token.
    case missingInput = 66
    /// Something needed cannot be had now: the port is in use, identity does not answer.
    case unavailable = 69
    /// An unexpected failure inside the program.
    case software = 70
    /// A folder or file cannot be written.
    case cannotWrite = 73
    /// A file that holds a key may be read by others.
    case insecureFile = 77
    /// A configuration value is missing, malformed or contradicts another.
    case configuration = 78
  }

  package let kind: Kind
  /// One line: what is wrong, with the path, name or address it is about.
  package let message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  package var description: String { message }
}
