import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs

/// Takes money across to other partitions until each crossing is confirmed or returned. Every step may be done again
/// after a crash: the other side says the same again, and what was done here is not done twice. Commits wake it.
struct CrossingRelay: Service {
  /// Most crossings looked at in one round.
  private static let round = 256

  let transactor: Transactor
  let ledger: Ledger
  let peers: any CrossingPeers
  let logger: Logger
  private let signal = CommitSignal()

  init(transactor: Transactor, ledger: Ledger, peers: any CrossingPeers, logger: Logger) {
    self.transactor = transactor
    self.ledger = ledger
    self.peers = peers
    self.logger = logger
    transactor.database.add(signal)
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown { try await follow() }
    await peers.close()
  }

  private func follow() async throws {
    for await _ in signal.wakeups {
      var backoff = Backoff(limit: .seconds(5))
      while try await advance() > 0 { try await backoff.wait() }
    }
  }

  /// Takes every open crossing as far as it goes now.
  /// - Returns: how many are not over yet.
  func advance() async throws -> Int {
    let open = try await transactor.database.read { try CrossingTable($0).open(limit: Self.round) }
    var left = 0
    for crossing in open {
      do {
        try await advance(crossing)
      } catch {
        try Task.checkCancellation()
        left += 1
        logger.warning(
          "money cannot cross now",
          metadata: [
            "crossing": "\(crossing.id)", "destination": "\(crossing.destination)",
            "cause": "\(error)",
          ])
      }
    }
    return open.count == Self.round ? max(left, 1) : left
  }

  private func advance(_ crossing: Crossing) async throws {
    if crossing.state == .held { try await credit(crossing) }
    let current = try await transactor.database.read { try CrossingTable($0).find(crossing.id) }
    if current?.state == .credited { try await confirm(crossing) }
  }

  /// Has the other side decide, and does what it says with the hold.
  func credit(_ crossing: Crossing) async throws {
    let answer = try await peers.credit(
      SettlementV1.CreditCrossingRequest(
        origin: try peers.ownName(), crossing: SettlementV1.Crossing(crossing)),
      at: crossing.destination)
    let decision: CrossingDecision =
      answer.credited ? .credited : .refused(answer.refusalReason)
    try await transactor.write(own) { [ledger] transaction in
      try Crossings.settle(crossing.id, decision, ledger, transaction)
    }
  }

  /// Tells the other side that the money has left this one.
  func confirm(_ crossing: Crossing) async throws {
    try await peers.confirm(
      SettlementV1.ConfirmCrossingRequest(origin: try peers.ownName(), crossingID: crossing.id),
      at: crossing.destination)
    try await transactor.write(own) { try Crossings.confirm(crossing.id, $0) }
  }

  private var own: CallContext { .own(service: SettlementService.name, work: "CrossingRelay") }
}
