import Foundation
import Glibc
import TestSupport
import Testing

/// The containers run the services as an ordinary user; so does this.
@Suite(.serialized) struct UnprivilegedTests {
  /// nobody
  private static let user: uid_t = 65_534

  /// Root can become somebody else; everybody else already is.
  private static var prefix: [String] {
    guard geteuid() == 0 else { return ["/usr/bin/env"] }
    return [
      "/usr/bin/setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups",
      "--no-new-privs",
    ]
  }

  @Test(.timeLimit(.minutes(2)))
  func anExchangeRunsWithoutRights() async throws {
    let folder = try TemporaryDirectory()
    let scratch = try TemporaryDirectory()
    if geteuid() == 0 { #expect(chown(folder.path, Self.user, Self.user) == 0) }
    let exchange = folder.path + "/exchange"
    for arguments in [["up", "--ports", "auto", "--detach"], ["status"], ["down"]] {
      let command = Self.prefix + [try BuiltProducts.executable("ndx").path] + arguments
      let output = try await NdxCommand.run(
        URL(filePath: command[0]), Array(command.dropFirst()),
        environment: ["NDX_DIRECTORY": exchange, "NDX_LANGUAGE": "en"], scratch: scratch.path)
      #expect(output.exitCode == 0, "\(arguments): \(output.standardError)")
    }
  }
}
