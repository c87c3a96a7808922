package import Foundation

/// Where the build put the executables: beside the test bundle.
package enum BuiltProducts {
  /// - Throws: when it was not built.
  package static func executable(_ name: String) throws -> URL {
    for folder in folders {
      let candidate = folder.appending(path: name)
      if FileManager.default.isExecutableFile(atPath: candidate.path(percentEncoded: false)) {
        return candidate
      }
    }
    throw ServiceProcess.Failure(description: "the executable \(name) was not built")
  }

  private static var folders: [URL] {
    let arguments = ProcessInfo.processInfo.arguments.filter { $0.contains(".xctest") }
    let programs = arguments + [CommandLine.arguments[0]]
    return programs.map {
      URL(filePath: $0).resolvingSymlinksInPath().deletingLastPathComponent()
    }
  }
}
