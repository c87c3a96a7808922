import ArgumentParser
import Foundation

/// Runs the command that the arguments name and ends the process with its exit code.
enum CommandLineTool {
  static func main() async {
    do {
      var command = try Ndx.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      exit(report(error).rawValue)
    }
  }

  /// Prints what went wrong, or the help that was asked for.
  private static func report(_ error: any Error) -> ExitStatus {
    if let failure = Failure(error) {
      failure.print(to: .standardError)
      return failure.status
    }
    let message = Ndx.fullMessage(for: error)
    guard Ndx.exitCode(for: error) != .success else {
      Console.write(message)
      return .success
    }
    Console.note(message)
    return .usage
  }
}
