/// Which witness is asked about which checkpoint, and when. All are asked about the same one, so that enough of them come to
/// have cosigned one and the same: asked about whatever is newest, each would cosign another. The next round begins when
/// there is something to ask and the round is over: enough have cosigned, nobody is being asked, or it takes too long. A
/// witness is asked one thing at a time, after failures ever later, and again when its word has become old.
package struct WitnessSchedule: Sendable {
  /// Somebody to ask, by place in the policy, and the size of the checkpoint to ask about.
  package struct Order: Sendable, Hashable {
    package let witness: Int
    package let size: Int

    package init(witness: Int, size: Int) {
      self.witness = witness
      self.size = size
    }
  }

  private struct Witness {
    var isAsked = false
    var failures = 0
    var isHeldUntil: Duration?
    var cosigned: (size: Int, at: Duration)?
  }

  /// How long a round may keep the next one waiting.
  package static let longestRound = Duration.seconds(5)
  package static let firstPause = Duration.milliseconds(250)
  package static let longestPause = Duration.seconds(30)

  private var witnesses: [Witness]
  private let refresh: Duration
  private let isQuorum: @Sendable (Set<Int>) -> Bool
  private var round: (size: Int, begun: Duration)?

  /// - Parameters:
  ///   - refresh: age at which a cosignature is asked for again.
  ///   - isQuorum: whether these witnesses are enough.
  package init(
    witnesses: Int, refresh: Duration, isQuorum: @escaping @Sendable (Set<Int>) -> Bool
  ) {
    self.witnesses = Array(repeating: Witness(), count: witnesses)
    self.refresh = refresh
    self.isQuorum = isQuorum
  }

  /// Whom to ask now. Each is taken to be asked until `cosigned` or `failed` says otherwise.
  /// - Parameters:
  ///   - newest: size of the newest checkpoint.
  ///   - now: time since any fixed moment, never going back.
  package mutating func orders(newest: Int, now: Duration) -> [Order] {
    if round.map({ newest > $0.size && isOver($0, now) }) ?? true { round = (newest, now) }
    guard let round else { return [] }
    var orders: [Order] = []
    for index in witnesses.indices where isDue(witnesses[index], round.size, now) {
      witnesses[index].isAsked = true
      orders.append(Order(witness: index, size: round.size))
    }
    return orders
  }

  package mutating func cosigned(_ order: Order, now: Duration) {
    witnesses[order.witness] = Witness(cosigned: (order.size, now))
  }

  package mutating func failed(_ order: Order, now: Duration) {
    var witness = witnesses[order.witness]
    let pause = min(Self.firstPause * (1 << min(witness.failures, 16)), Self.longestPause)
    witness.isAsked = false
    witness.failures += 1
    witness.isHeldUntil = now + pause
    witnesses[order.witness] = witness
  }

  private func isOver(_ round: (size: Int, begun: Duration), _ now: Duration) -> Bool {
    let done = witnesses.indices.filter { witnesses[$0].cosigned?.size == round.size }
    return isQuorum(Set(done)) || !witnesses.contains { $0.isAsked }
      || now - round.begun >= Self.longestRound
  }

  private func isDue(_ witness: Witness, _ size: Int, _ now: Duration) -> Bool {
    guard !witness.isAsked, witness.isHeldUntil.map({ $0 <= now }) ?? true else { return false }
    guard let cosigned = witness.cosigned else { return true }
    return cosigned.size < size || cosigned.at + refresh <= now
  }
}
