import Client
import Crypto
import Foundation
import Model

/// Starts what of a local exchange does not run.
struct ExchangeStarter {
  let exchange: LocalExchange
  /// Folder of the executables.
  let executables: String
  let ports: UpCommand.Ports
  /// What each instance of settlement is to own; none to leave it as it is.
  let partitions: [IdentityV1.Partition]

  private static let trustDomain = "ndx.local"

  /// Starts every service that does not run and enrols the staff that has no profile yet. Returns
  /// the names of the services started. When one does not come up, those started are stopped again.
  func start() async throws -> [String] {
    let local = LocalPartitions(exchange: exchange, ports: ports)
    if !partitions.isEmpty { try local.plan(partitions) }
    try exchange.makeFolders()
    var tokens: Bootstrap.Result?
    if exchange.process("identity").pid() == nil {
      try await exchange.process("identity").waitUntilPredecessorIsGone()
      tokens = try Bootstrap(
        exchange: exchange, identity: try executable("identity"), trustDomain: Self.trustDomain
      ).run()
    }
    let isNew = !FileManager.default.fileExists(atPath: exchange.descriptionPath)
    let description = try describe(fingerprint: tokens?.fingerprint)
    try local.place(description)
    let services = try exchange.services()
    var started: [String] = []
    do {
      for service in services where exchange.process(service).pid() == nil {
        started.append(service)
        try await exchange.process(service).start(
          try executable(service.hasPrefix("settlement") ? "settlement" : service),
          try arguments(for: service, description, tokenFile: tokens?.services[service]))
        if service == "identity" { try await exchange.process(service).waitUntilReady() }
      }
      for service in services {
        try await exchange.process(service).waitUntilReady()
      }
    } catch {
      await stop(started)
      // Nobody has been told these ports yet: the next start may choose others.
      if isNew, exchange.process("identity").pid() == nil {
        try? LocalFile.remove(exchange.descriptionPath)
        try? LocalFile.remove(exchange.partitionsPath)
      }
      if isNew, let error = error as? ExchangeError, error.message.contains("already in use") {
        throw ExchangeError(error.reason, "\(error.message); choose other ports with --ports")
      }
      throw error
    }
    do {
      try await enrolStaff(tokens?.staff ?? [:], description)
      try await local.route()
    } catch {
      await stop(started)
      throw error
    }
    return started
  }

  private func stop(_ started: [String]) async {
    for service in started.reversed() {
      try? await exchange.process(service).stop(patience: .seconds(30))
    }
  }

  private func executable(_ name: String) throws -> String {
    let path = "\(executables)/\(name)"
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw ExchangeError("NO_EXECUTABLE", "\(path) is not there; build it with `swift build`")
    }
    return path
  }

  /// The description of the exchange: the one there is, or a new one with ports of its own.
  private func describe(fingerprint: String?) throws -> ExchangeDescription {
    guard let fingerprint,
      !FileManager.default.fileExists(atPath: exchange.descriptionPath)
    else { return try ExchangeDescription.load(exchange.descriptionPath) }
    let chosen =
      switch ports {
      case .automatic: try FreePorts.choose(6)
      case .fixed(let first): Array(first..<first + 6)
      }
    let addresses = chosen.map { "127.0.0.1:\($0)" }
    let description = ExchangeDescription(
      trustDomain: Self.trustDomain, fingerprint: fingerprint,
      endpoints: .init(
        identity: addresses[1], enrolment: addresses[0], catalog: addresses[2],
        settlement: addresses[3], audit: addresses[4],
        publicLog: addresses[5]))
    try description.save(exchange.descriptionPath)
    return description
  }

  private func arguments(
    for service: String, _ description: ExchangeDescription, tokenFile: String?
  ) throws -> [String] {
    let endpoints = description.endpoints
    let instance = try exchange.instances().first { $0.service == service }
    var settings = [
      "data-directory": exchange.dataDirectory(service), "trust-domain": description.trustDomain,
      "listen": instance?.address ?? endpoints[service] ?? "",
      "identity-address": endpoints.identity,
      "enrolment-address": endpoints.enrolment, "catalog-address": endpoints.catalog,
      "settlement-address": endpoints.settlement, "audit-address": endpoints.audit,
    ]
    settings["partition"] = instance?.partition
    if service == "audit" { settings["public-listen"] = endpoints.publicLog }
    if service == "identity" {
      settings["enrolment-listen"] = endpoints.enrolment
    } else {
      settings["ca-fingerprint"] = description.fingerprint
      settings["enrolment-token-file"] = tokenFile
    }
    return ["serve"]
      + settings.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
  }

  /// Makes the profiles of the staff that are not there, or whose certificate has run out.
  private func enrolStaff(_ tokenFiles: [String: String], _ description: ExchangeDescription)
    async throws
  {
    for (name, tokenFile) in tokenFiles.sorted(by: { $0.key < $1.key }) {
      let directory = exchange.profileDirectory(name)
      if let profile = try? Profile.load(directory),
        WallClock.system.now() < profile.certificate.notAfter
      {
        continue
      }
      let token = try KeyFile.readText(tokenFile)
      _ = try await Enrolment(
        token: token.trimmingCharacters(in: .whitespacesAndNewlines), exchange: description,
        lifetimeSeconds: 86_400
      ).enrol(into: directory)
      Console.note("profile: \(directory)")
    }
  }
}
