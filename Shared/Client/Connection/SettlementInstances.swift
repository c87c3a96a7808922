package import Model
package import RPC
import Stubs

/// The instances of settlement, found through the routing table of identity's trust bundle; one, at the address that is
/// configured, while the table has no partitions.
///
/// Orders belong to the partition of their consumer and accounts to that of their owner, in their currency and
/// environment; ids do not say which. A call goes first to the instances that may hold what is the caller's own, then to
/// the others, until one knows what it is about.
package actor SettlementInstances {
  /// One of them.
  package struct Instance: Sendable {
    /// The name of its partition; empty when it owns everything.
    package let name: String
    package let channel: RPCChannel
  }

  private let own: ParticipantID
  private let identity: CredentialServiceClient
  private let configured: RPCChannel
  private let open: @Sendable (String) -> RPCChannel
  private var table: IdentityV1.RoutingTable?
  private var channels: [String: RPCChannel] = [:]

  /// - Parameters:
  ///   - own: the participant that calls.
  ///   - identity: a channel that presents its certificate.
  ///   - configured: the channel to use while there are no partitions. It is closed with the others.
  ///   - open: makes a channel to an instance, given its addresses with commas between them.
  package init(
    own: ParticipantID, identity: RPCChannel, configured: RPCChannel,
    open: @escaping @Sendable (String) -> RPCChannel
  ) {
    self.own = own
    self.identity = CredentialServiceClient(identity)
    self.configured = configured
    self.open = open
  }

  /// Runs a call at the instance that has what it is about. When none has, the table is read anew, once, if an instance
  /// has said that it is not the right one.
  ///
  /// - Parameters:
  ///   - payer: whose order or account it is; the caller's by default.
  ///   - body: may run on several instances, and is then refused by all but the last.
  /// - Throws: what `body` throws; the last instance's refusal when none has it.
  package nonisolated func call<Value>(
    about payer: ParticipantID? = nil, _ body: (RPCChannel) async throws -> Value
  ) async throws -> Value {
    var isRefreshed = false
    while true {
      var refusal: RPCStatus?
      var isMisdirected = false
      for instance in try await instances(about: payer ?? own, refreshing: isRefreshed) {
        do {
          return try await body(instance.channel)
        } catch let status as RPCStatus where Self.isElsewhere(status) {
          isMisdirected = isMisdirected || status.details?.reason == "WRONG_PARTITION"
          if refusal?.code != .notFound { refusal = status }
        }
      }
      guard isMisdirected, !isRefreshed else {
        throw refusal ?? RPCStatus(code: .unavailable, message: "settlement has no instance")
      }
      isRefreshed = true
    }
  }

  /// Every instance, in order of the table.
  ///
  /// - Parameter refreshing: whether to read the table anew; if not, as it was read first.
  package func all(refreshing: Bool = false) async throws -> [Instance] {
    try await instances(about: nil, refreshing: refreshing)
  }

  /// Lists page by page over all instances, one after the other, each page full but for the last; the tokens say which
  /// instance is next.
  ///
  /// - Parameters:
  ///   - pageSize: most items of a page; 0 means 50.
  ///   - body: a page of one instance, given its size and token.
  package nonisolated func list<Item>(
    pageSize: Int32, pageToken: String,
    _ body: (RPCChannel, Int32, String) async throws -> ([Item], String)
  ) async throws -> ([Item], String) {
    let instances = try await all()
    guard instances.count > 1 else {
      return try await body(instances[0].channel, pageSize, pageToken)
    }
    let parts = pageToken.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var index = parts.count == 2 ? Int(parts[0]) ?? 0 : 0
    var token = parts.count == 2 ? String(parts[1]) : ""
    var found: [Item] = []
    let size = pageSize == 0 ? 50 : pageSize
    while instances.indices.contains(index), found.count < size {
      let (items, next): ([Item], String)
      do {
        (items, next) = try await body(
          instances[index].channel, size - Int32(found.count), token)
      } catch let status as RPCStatus where status.details?.reason == "WRONG_PARTITION" {
        // It has nothing of this and can have nothing of it.
        (items, next) = ([], "")
      }
      found += items
      if next.isEmpty { index += 1 }
      token = next
    }
    return (found, index < instances.count ? "\(index)/\(token)" : "")
  }

  package func close() async {
    await configured.close()
    for channel in channels.values { await channel.close() }
  }

  private func instances(
    about payer: ParticipantID?, refreshing: Bool
  ) async throws -> [Instance] {
    if table == nil || refreshing {
      table =
        try await identity.getTrustBundle(IdentityV1.GetTrustBundleRequest()).routing
        ?? IdentityV1.RoutingTable()
    }
    guard let partitions = table?.partitions, !partitions.isEmpty else {
      return [Instance(name: "", channel: configured)]
    }
    let likely = partitions.filter { partition in
      partition.scopes.contains { scope in
        payer.map {
          (scope.firstSlot...scope.lastSlot).contains(IdentityV1.PartitionScope.slot(of: $0))
        }
          ?? true
      }
    }
    let others = partitions.filter { partition in !likely.contains { $0.name == partition.name } }
    return (likely + others).map {
      Instance(name: $0.name, channel: channel(to: $0.addresses.joined(separator: ",")))
    }
  }

  private func channel(to target: String) -> RPCChannel {
    if let channel = channels[target] { return channel }
    let channel = open(target)
    channels[target] = channel
    return channel
  }

  private static func isElsewhere(_ status: RPCStatus) -> Bool {
    guard status.details?.domain == "ndx.settlement" else { return false }
    return status.code == .notFound || status.details?.reason == "WRONG_PARTITION"
  }
}
