import Client
import Model
import RPC

extension SettlementInstances {
  /// The instance with this name; the only one when none is named.
  /// - Throws: `UsageError` that names them all when that leaves it open which.
  func instance(named name: String?) async throws -> RPCChannel {
    let all = try await all()
    if name == nil, all.count == 1 { return all[0].channel }
    return try Instance.named(name, among: all).channel
  }
}

extension SettlementInstances.Instance {
  /// - Throws: `UsageError` that names them all when none has this name.
  static func named(_ name: String?, among all: [Self]) throws -> Self {
    if let match = all.first(where: { $0.name == name && !$0.name.isEmpty }) { return match }
    let names = all.map(\.name).joined(separator: ", ")
    throw UsageError(
      text: names.isEmpty
        ? Text(
          vi: "Hệ thống thanh toán không chia phân vùng; bỏ --partition.",
          en: "Settlement has no partitions; leave --partition out.")
        : Text(
          vi: "Có nhiều phân vùng; chọn bằng --partition: \(names).",
          en: "There are several instances; choose with --partition: \(names)."))
  }
}
