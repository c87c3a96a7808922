import AuditDomain
import Model

/// Follows the numbers of checkpoints, in which one that was taken away is a gap.
struct CheckpointSequence: Sendable {
  private var expected = 1
  /// One whose number is not the expected one: the next tells whether it is altered or comes after a gap.
  private var doubtful: (size: Int, number: Int)?

  mutating func follow(_ checkpoint: StoredCheckpoint) -> [LogFault] {
    defer { expected += 1 }
    if let (size, number) = doubtful {
      doubtful = nil
      if checkpoint.number == expected { return [.altered(.checkpoint, size)] }
      expected = number &+ 1
      return [Self.gap(before: size)] + resume(checkpoint)
    }
    return resume(checkpoint)
  }

  private mutating func resume(_ checkpoint: StoredCheckpoint) -> [LogFault] {
    if checkpoint.number != expected { doubtful = (checkpoint.size, checkpoint.number) }
    return []
  }

  /// After the last.
  func faults() -> [LogFault] { doubtful.map { [Self.gap(before: $0.size)] } ?? [] }

  private static func gap(before size: Int) -> LogFault {
    LogFault(
      .checkpoint, size,
      Text(
        vi: "có số thứ tự sai, hoặc thiếu điểm kiểm tra trước nó",
        en: "has the wrong number, or those before it are missing"))
  }
}
