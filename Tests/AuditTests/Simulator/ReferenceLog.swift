import AuditDomain
import Model
import TransparencyLog

/// What was found is not what must be.
struct Disagreement: Error, CustomStringConvertible {
  let description: String
}

/// What the log must hold, in its simplest form: a list.
struct ReferenceLog {
  struct Entry {
    let body: EntryBody
    let leafHash: Digest
    /// Nil for what audit appended about itself.
    let event: AuditV1.Event?
    var isErased = false
  }

  enum Answer {
    /// Where each event is; nil for one that is new.
    case accepted([Int?])
    case refused(AuditError)
  }

  private(set) var entries: [Entry] = []
  /// The root of the first 0, 1, 2, … entries.
  private(set) var roots = [MerkleHash.empty]
  private var positions: [EventID: Int] = [:]
  private var next: [String: Int64] = [:]
  private var peaks: [(height: Int, hash: Digest)] = []

  func nextSequence(of producer: String) -> Int64 { next[producer] ?? 1 }

  /// What AppendEntries answers.
  func decide(_ events: [AuditV1.Event], by producer: String) -> Answer {
    var expected = nextSequence(of: producer)
    var indexes: [Int?] = []
    for event in events {
      if let index = positions[event.eventID] {
        guard isSame(event, by: producer, as: entries[index]) else {
          return .refused(.eventConflict(event.eventID))
        }
        indexes.append(index)
        continue
      }
      let received = event.producerSequence
      guard received == expected else {
        return .refused(
          received > expected
            ? .sequenceGap(producer: producer, expected: expected, received: received)
            : .sequenceReused(producer: producer, expected: expected, received: received))
      }
      expected += 1
      indexes.append(nil)
    }
    return .accepted(indexes)
  }

  /// Once the details are erased nobody can tell whether they were others.
  private func isSame(_ event: AuditV1.Event, by producer: String, as entry: Entry) -> Bool {
    guard var known = entry.event, entry.body.producer == producer else { return false }
    if entry.isErased {
      (known.actor, known.subjects, known.payload) = (event.actor, event.subjects, event.payload)
    }
    return known == event
  }

  /// Takes in the entry that follows. Throws when it is not the next of its producer.
  mutating func add(_ bytes: [UInt8], _ event: AuditV1.Event?) throws {
    let body = try EntryBody(bytes)
    let expected = nextSequence(of: body.producer)
    guard body.producerSequence == expected else {
      throw Disagreement(
        description:
          "entry \(entries.count) is number \(body.producerSequence) of \(body.producer), not \(expected)"
      )
    }
    guard positions[body.eventID] == nil else {
      throw Disagreement(description: "event \(body.eventID) is in the log twice")
    }
    positions[body.eventID] = entries.count
    next[body.producer] = expected + 1
    let leaf = MerkleHash.leaf(bytes)
    entries.append(Entry(body: body, leafHash: leaf, event: event))
    peaks.append((0, leaf))
    while peaks.count > 1, peaks[peaks.count - 2].height == peaks[peaks.count - 1].height {
      let (right, left) = (peaks.removeLast(), peaks.removeLast())
      peaks.append((left.height + 1, MerkleHash.node(left.hash, right.hash)))
    }
    let root = peaks.dropLast().reversed().reduce(peaks[peaks.count - 1].hash) {
      MerkleHash.node($1.hash, $0)
    }
    roots.append(root)
  }

  /// Erases the details about a subject. Returns of how many entries.
  mutating func erase(_ subject: String) -> Int {
    var count = 0
    for index in entries.indices where !entries[index].isErased {
      guard let event = entries[index].event,
        event.actor == subject || event.subjects.contains(subject)
      else { continue }
      entries[index].isErased = true
      count += 1
    }
    return count
  }
}
