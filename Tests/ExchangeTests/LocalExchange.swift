import Client
import Foundation
import Glibc
import Model
import RPC
import Stubs
import TestSupport

/// A step of a test could not be done.
struct ExchangeFailure: Error, CustomStringConvertible {
  let description: String
}

/// A whole exchange of real processes in a temporary folder, as `ndx up` starts it. Nothing of it is
/// left when the last reference goes.
final class LocalExchange: Sendable {
  static let services = ["identity", "audit", "catalog", "settlement"]

  private let folder: TemporaryDirectory
  var directory: String { folder.path }
  var ndx: NdxCommand { NdxCommand(directory: directory, environment: environment) }
  private let environment: [String: String]

  /// - Parameters:
  ///   - partitions: what each instance of settlement is to own; one owns everything when empty.
  ///   - environment: settings of the services.
  init(partitions: [String] = [], environment: [String: String] = [:]) async throws {
    self.environment = environment
    folder = try TemporaryDirectory()
    let up = ["up", "--ports", "auto", "--detach"] + partitions.flatMap { ["--partition", $0] }
    let output = try await ndx.run(up)
    guard output.exitCode == 0 else { throw ExchangeFailure(description: output.standardError) }
  }

  deinit {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/run")) ?? []
    for service in files.map({ $0.replacing(".pid", with: "") }) {
      if let pid = processID(of: service) { _ = Glibc.kill(pid, SIGKILL) }
    }
  }

  /// Starts what does not run, and returns when everything is ready.
  func start() async throws {
    try await ndx("up", "--ports", "auto", "--detach")
  }

  /// kill -9.
  func kill(_ service: String) {
    if let pid = processID(of: service) { _ = Glibc.kill(pid, SIGKILL) }
  }

  private func processID(of service: String) -> pid_t? {
    let text = try? String(contentsOfFile: "\(directory)/run/\(service).pid", encoding: .utf8)
    return text.flatMap { pid_t($0.prefix { $0.isNumber }) }
  }

  func profileDirectory(_ name: String) -> String { "\(directory)/profiles/\(name)" }

  /// A connection as one of the staff, or as a participant that `admit` enrolled.
  func connection(_ profile: String) async throws -> ExchangeConnection {
    try await ExchangeConnection.open(try Profile.load(profileDirectory(profile)), language: .en)
  }

  /// Has a participant admitted by two registrars, and enrols its console as a profile of this name.
  @discardableResult
  func admit(
    _ name: String, _ roles: Set<TypeV1.Role>, kind: IdentityV1.ParticipantKind = .enterprise
  ) async throws -> ParticipantID {
    let first = try await connection("registrar-1")
    let second = try await connection("registrar-2")
    let now = WallClock.system.now()
    let participant = try await first.participants.registerParticipant(
      .init(
        requestID: .make(at: now), kind: kind, environment: .live,
        name: .init(vi: name, en: name), legalID: "legal-\(name)", jurisdiction: "VN",
        roles: roles.sorted { $0.rawValue < $1.rawValue })
    ).participant
    _ = try await first.participants.verifyParticipant(
      .init(requestID: .make(at: now), participantID: participant.id, evidence: "register"))
    _ = try await second.participants.approveParticipant(
      .init(requestID: .make(at: now), participantID: participant.id))
    try await enrol(name, system: "console", of: participant.id)
    await first.close()
    await second.close()
    return participant.id
  }

  /// A token for a system of a participant.
  func enrolmentToken(system: String, of participant: ParticipantID, hosts: [String] = [])
    async throws -> String
  {
    let registrar = try await connection("registrar-1")
    let token = try await registrar.credentials.createEnrolmentToken(
      .init(
        requestID: .make(at: WallClock.system.now()), participantID: participant,
        systemName: system, hosts: hosts)
    ).token
    await registrar.close()
    return token
  }

  /// Enrols a system of a participant as a profile of this name.
  func enrol(_ profile: String, system: String, of participant: ParticipantID) async throws {
    _ = try await Enrolment(
      token: try await enrolmentToken(system: system, of: participant),
      exchange: try ExchangeDescription.load(directory + "/exchange.json")
    ).enrol(into: profileDirectory(profile))
  }
}

/// Repeats a call while the service cannot be reached, as a careful client does.
func untilReachable<Value>(
  for patience: Duration = .seconds(60), _ body: () async throws -> Value
) async throws -> Value {
  let end = ContinuousClock.now.advanced(by: patience)
  while true {
    do {
      return try await body()
    } catch let status as RPCStatus
      where [.unavailable, .deadlineExceeded, .cancelled].contains(status.code)
      && ContinuousClock.now < end
    {
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
