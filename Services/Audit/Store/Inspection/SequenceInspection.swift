import AuditDomain
import Model
import TransparencyLog

/// Follows the sequences of all producers through the log.
struct SequenceInspection: Sendable {
  private var next: [String: Int64] = [:]
  /// Entries whose bytes are lost, and with them whose number of which producer they have.
  private var unknown: Int64 = 0

  mutating func follow(_ entries: [InspectedEntry]) -> [LogFault] {
    var faults: [LogFault] = []
    for entry in entries {
      guard let body = entry.trustedBody else {
        unknown += 1
        continue
      }
      let expected = next[body.producer] ?? 1
      let skipped = body.producerSequence - expected
      if skipped > 0, skipped <= unknown {
        unknown -= skipped
      } else if skipped != 0 {
        faults.append(
          LogFault(
            .producer, body.producer,
            Text(
              vi: "mục \(entry.index) mang số \(body.producerSequence), phải là \(expected)",
              en: "entry \(entry.index) has number \(body.producerSequence), not \(expected)")))
      }
      next[body.producer] = body.producerSequence + 1
    }
    return faults
  }

  /// Compares where the sequences end with what is stored of it.
  func faults(against stored: [String: Int64]) -> [LogFault] {
    var faults: [LogFault] = []
    for (producer, expected) in next.sorted(by: { $0.key < $1.key }) {
      switch stored[producer] {
      case nil: faults.append(.missing(.producer, producer))
      case .some(let number) where number < expected || number > expected + unknown:
        faults.append(.altered(.producer, producer))
      default: break
      }
    }
    let others = stored.keys.filter { next[$0] == nil && unknown == 0 }.sorted()
    return faults + others.map { .surplus(.producer, $0) }
  }
}
