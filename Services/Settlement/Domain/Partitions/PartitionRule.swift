package import Model

/// Why an instance of settlement refuses what concerns partitions.
package enum PartitionRule: Sendable, Hashable {
  /// Not here: another instance has it, or may have it; who owns it, where that is known.
  case wrongPartition(own: String, owner: IdentityV1.Partition?)
  /// The routing table names no owner of this payer's money.
  case unrouted
  /// Both ends are here: an ordinary transfer does it.
  case notAcross
  /// Another crossing has this id.
  case crossingDiffers
  /// There is no such crossing, or it was refused here.
  case crossingUnknown
  /// This instance owns everything: there is no other side.
  case notPartitioned
  /// Money in transit moves by its crossing alone.
  case transitReserved(AccountID)

  package var reason: String {
    switch self {
    case .wrongPartition: "WRONG_PARTITION"
    case .unrouted: "PARTITION_UNROUTED"
    case .notAcross: "PARTITION_SAME"
    case .crossingDiffers: "CROSSING_DIFFERS"
    case .crossingUnknown: "CROSSING_NOT_FOUND"
    case .notPartitioned: "NOT_PARTITIONED"
    case .transitReserved: "TRANSIT_RESERVED"
    }
  }

  package var status: StatusCode {
    switch self {
    case .wrongPartition, .notAcross, .notPartitioned, .unrouted: .failedPrecondition
    case .crossingDiffers: .alreadyExists
    case .crossingUnknown: .notFound
    case .transitReserved: .permissionDenied
    }
  }

  package var text: Text {
    switch self {
    case .wrongPartition:
      Text(
        vi: "Không có ở phân vùng này của hệ thống thanh toán; phân vùng khác có thể có.",
        en: "This is not in this partition; another instance of settlement may have it.")
    case .unrouted:
      Text(
        vi: "Bảng định tuyến không nêu phân vùng của bên này.",
        en: "The routing table names no partition for this participant.")
    case .notAcross:
      Text(
        vi: "Hai bên ở cùng một phân vùng; hãy dùng giao dịch thường.",
        en: "Both sides are in this partition; use an ordinary transfer.")
    case .crossingDiffers:
      Text(
        vi: "Mã này thuộc về khoản chuyển khác giữa các phân vùng.",
        en: "Another crossing has this id.")
    case .crossingUnknown:
      Text(
        vi: "Không có khoản chuyển này giữa các phân vùng.", en: "There is no such crossing.")
    case .notPartitioned:
      Text(
        vi: "Hệ thống thanh toán này không chia phân vùng.",
        en: "This settlement service has no partitions.")
    case .transitReserved:
      Text(
        vi: "Tiền đang chuyển giữa các phân vùng chỉ do hệ thống chuyển.",
        en: "Money between partitions moves by its crossing only.")
    }
  }

  package var metadata: [String: String] {
    switch self {
    case .wrongPartition(let own, let owner):
      ["partition": own].merging(
        owner.map { ["owner": $0.name, "address": $0.addresses.joined(separator: ",")] } ?? [:]
      ) { $1 }
    case .transitReserved(let id): ["account": id.description]
    case .unrouted, .notAcross, .crossingDiffers, .crossingUnknown, .notPartitioned: [:]
    }
  }
}
