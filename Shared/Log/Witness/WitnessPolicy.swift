/// Whose signatures make a checkpoint one that may be relied on (c2sp.org/tlog-policy): known logs, known witnesses, and
/// which of these must have cosigned. For the log itself, and for anyone who holds a receipt.
package struct WitnessPolicy: Sendable, Hashable {
  package struct Log: Sendable, Hashable {
    package let key: VerifierKey
    /// Empty when the policy names none.
    package let url: String
  }

  package struct Witness: Sendable, Hashable {
    /// What the policy calls it; its key has a name of its own.
    package let name: String
    package let key: WitnessKey
    /// Its submission prefix (c2sp.org/tlog-witness); empty when the policy names none.
    package let url: String
  }

  /// Who must have signed: nobody, a witness (by its place in `witnesses`), or a number of members.
  package indirect enum Quorum: Sendable, Hashable {
    case none
    case witness(Int)
    case group(threshold: Int, members: [Quorum])

    /// Whether these witnesses are enough.
    func isMet(by witnesses: Set<Int>) -> Bool {
      switch self {
      case .none: true
      case .witness(let index): witnesses.contains(index)
      case .group(let threshold, let members):
        members.count { $0.isMet(by: witnesses) } >= threshold
      }
    }
  }

  /// None when what is checked is known to be of the right log.
  package let logs: [Log]
  package let witnesses: [Witness]
  package let quorum: Quorum

  init(logs: [Log], witnesses: [Witness], quorum: Quorum) {
    self.logs = logs
    self.witnesses = witnesses
    self.quorum = quorum
  }

  /// Whether a note is a checkpoint that one of the policy's logs, if it lists any, has signed as its own, with valid
  /// cosignatures of enough witnesses. Signatures of others, and wrong ones, count for nothing.
  package func isSatisfied(by note: SignedNote) -> Bool {
    guard (try? Checkpoint(text: note.text)) != nil else { return false }
    let isOfLog =
      logs.isEmpty
      || logs.contains { log in
        (try? Checkpoint.verified(note.description.utf8, with: log.key)) != nil
      }
    return isOfLog && isQuorum(cosigners(of: note))
  }

  /// Returns when `isSatisfied(by:)` holds. Throws `LogFormatError.noQuorum` otherwise.
  package func verify(_ note: SignedNote) throws {
    guard isSatisfied(by: note) else {
      throw LogFormatError.noQuorum(cosigners: cosigners(of: note).count)
    }
  }

  /// The places in `witnesses` of those whose valid cosignatures are on a note.
  package func cosigners(of note: SignedNote) -> Set<Int> {
    Set(witnesses.indices.filter { witnesses[$0].key.cosignature(on: note) != nil })
  }

  /// Whether these witnesses, by their places in `witnesses`, are enough.
  package func isQuorum(_ witnesses: Set<Int>) -> Bool { quorum.isMet(by: witnesses) }

  /// Whether every quorum there can be has one of these witnesses in it, so that what none of them has seen was never
  /// relied on: with k of n witnesses, whether they are at least n − k + 1.
  package func meetsEveryQuorum(_ seen: Set<Int>) -> Bool {
    quorum == .none || !isQuorum(Set(witnesses.indices).subtracting(seen))
  }
}
