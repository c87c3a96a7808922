import Client
import Foundation
import Model

/// A local exchange: everything of it lies in one folder.
///
/// `exchange.json` what participants must know · `partitions.json` the instances of settlement, where there are several ·
/// `services/NAME` the data directory of a service · `logs/NAME.log` · `run/NAME.pid` · `profiles/NAME` the profiles of the
/// staff and of whoever enrols.
struct LocalExchange {
  /// An instance of settlement that owns a partition. The first one is the service `settlement`, as it would be alone;
  /// the others are `settlement-NAME`.
  struct Instance: Codable, Hashable {
    var service: String
    /// As `settlement serve --partition` takes it.
    var partition: String
    var address: String

    var name: String { String(partition.prefix { $0 != ":" }) }
  }

  let directory: String

  init(directory: String) {
    self.directory = URL(filePath: directory, directoryHint: .isDirectory).standardizedFileURL.path
  }

  var descriptionPath: String { directory + "/exchange.json" }
  var partitionsPath: String { directory + "/partitions.json" }
  func dataDirectory(_ service: String) -> String { "\(directory)/services/\(service)" }
  func logPath(_ service: String) -> String { "\(directory)/logs/\(service).log" }
  func pidPath(_ service: String) -> String { "\(directory)/run/\(service).pid" }
  func profileDirectory(_ name: String) -> String { "\(directory)/profiles/\(name)" }

  /// The instances of settlement; none when one owns everything.
  func instances() throws -> [Instance] {
    try ProtoJSON.decode([Instance].self, fromFile: partitionsPath) ?? []
  }

  /// In the order of starting; identity must answer before the others can enrol.
  func services() throws -> [String] {
    let further = try instances().dropFirst().map(\.service)
    return ["identity", "audit", "catalog", "settlement"] + further
  }

  func makeFolders() throws {
    try LocalFile.makeFolder(directory, isPrivate: true)
    for service in try services() {
      try LocalFile.makeFolder(dataDirectory(service), isPrivate: true)
    }
    for folder in ["logs", "run", "profiles"] {
      try LocalFile.makeFolder("\(directory)/\(folder)", isPrivate: true)
    }
  }

  /// The process of a service; whether it runs is for it to say.
  func process(_ service: String) -> ServiceProcess {
    ServiceProcess(
      name: service, dataDirectory: dataDirectory(service), logPath: logPath(service),
      pidPath: pidPath(service))
  }

  /// Asks every service to stop, in the reverse order of starting, and waits until it has. Throws
  /// when one does not; the others are stopped all the same.
  func stop(patience: Duration = .seconds(30)) async throws -> [String] {
    var stopped: [String] = []
    var failure: (any Error)?
    for service in try services().reversed() where process(service).pid() != nil {
      do {
        try await process(service).stop(patience: patience)
        stopped.append(service)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return stopped
  }
}
