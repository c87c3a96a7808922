import Client
import Foundation
import Model
import Stubs

/// The partitions of settlement in a local exchange: one instance for each, and the routing table.
struct LocalPartitions {
  let exchange: LocalExchange
  let ports: UpCommand.Ports

  /// Writes down which instances there are to be. Their addresses stay, those of new ones are chosen.
  /// - Throws: `UsageError` when one would be missing, or when the exchange runs.
  func plan(_ partitions: [IdentityV1.Partition]) throws {
    let known = try exchange.instances()
    if known.map(\.partition) == partitions.map(\.text) { return }
    guard try exchange.services().allSatisfy({ exchange.process($0).pid() == nil }) else {
      throw UsageError(
        text: Text(
          vi: "Hãy dừng sàn bằng `ndx down` trước khi đổi phân vùng.",
          en: "Stop the exchange with `ndx down` before its partitions change."))
    }
    let names = partitions.map(\.name)
    guard names.starts(with: known.map(\.name)), Set(names).count == names.count else {
      throw UsageError(
        text: Text(
          vi: "Các phân vùng đã có phải giữ tên và thứ tự; tên không được trùng.",
          en: "Partitions that are there keep names and order; names are different."))
    }
    let planned = partitions.enumerated().map { index, partition in
      LocalExchange.Instance(
        service: index == 0 ? "settlement" : "settlement-\(partition.name)",
        partition: partition.text,
        address: known.indices.contains(index) ? known[index].address : "")
    }
    try LocalFile.makeFolder(exchange.directory, isPrivate: true)
    try save(planned)
  }

  /// Gives every instance its address: the first that of settlement, new ones ports of their own.
  func place(_ description: ExchangeDescription) throws {
    let known = try exchange.instances()
    guard !known.isEmpty else { return }
    var instances = known
    instances[0].address = description.endpoints.settlement
    let open = instances.indices.filter { instances[$0].address.isEmpty }
    let chosen =
      switch ports {
      case .automatic: try FreePorts.choose(open.count, except: description.endpoints.ports)
      case .fixed(let first): open.map { first + 5 + $0 }
      }
    for (index, port) in zip(open, chosen) { instances[index].address = "127.0.0.1:\(port)" }
    guard instances != known else { return }
    try save(instances)
  }

  /// Has identity tell everybody where the instances are, unless it does so already.
  func route() async throws {
    let instances = try exchange.instances()
    guard !instances.isEmpty else { return }
    let partitions = instances.compactMap { instance in
      IdentityV1.Partition(instance.partition).map { partition in
        var partition = partition
        partition.addresses = [instance.address]
        return partition
      }
    }
    let registrar = try await ExchangeConnection.open(
      try Profile.load(exchange.profileDirectory("registrar-1")), language: .en)
    do {
      let table =
        try await registrar.credentials.getTrustBundle(.init()).routing ?? IdentityV1.RoutingTable()
      if table.partitions != partitions {
        _ = try await RoutingServiceClient(registrar.channel(to: "identity")).setRoutingTable(
          .init(
            requestID: .make(at: WallClock.system.now()), version: table.version,
            partitions: partitions))
      }
      await registrar.close()
    } catch {
      await registrar.close()
      throw error
    }
  }

  private func save(_ instances: [LocalExchange.Instance]) throws {
    try LocalFile.write(try ProtoJSON.text(of: instances), to: exchange.partitionsPath)
  }
}

extension ExchangeDescription.Endpoints {
  fileprivate var ports: Set<Int> {
    Set(
      [identity, enrolment, catalog, settlement, audit, publicLog ?? ""].compactMap {
        $0.split(separator: ":").last.flatMap { Int($0) }
      })
  }
}
