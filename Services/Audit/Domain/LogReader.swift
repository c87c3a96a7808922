package import Model
package import TransparencyLog

/// Who reads the log, as far as its rules care. The public part of every entry is for everyone.
package enum LogReader: Sendable, Hashable {
  /// Services and auditors: reads the details of every entry.
  case unrestricted
  /// Reads the details of entries that it caused or that are about it.
  case participant(ParticipantID)

  /// The subject under which the reader finds its own entries; nil when all are open to it.
  package var subject: String? {
    switch self {
    case .unrestricted: nil
    case .participant(let id): "participant/\(id)"
    }
  }

  /// Whether the reader learns who, about what and with which content.
  package func mayRead(_ details: EntryDetails) -> Bool {
    guard let subject else { return true }
    return details.actor == subject || details.subjects.contains(subject)
  }
}
