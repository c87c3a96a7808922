import AuditDomain
import AuditStore
import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import TransparencyLog

/// Asks the log's witnesses about its checkpoints, keeps what they say, and ends the process when one of them has seen
/// another log.
struct CosignatureCollector: Service {
  private static let tick = Duration.milliseconds(200)

  private enum Event: Sendable {
    /// Time has passed, or there is a new checkpoint.
    case wake
    case cosigned(WitnessSchedule.Order)
    case failed(WitnessSchedule.Order)
  }

  let settings: WitnessSettings
  let configuration: ServiceConfiguration
  let database: ServiceDatabase
  let head: LogHead
  let board: WitnessBoard
  let fence: SigningFence
  let clock: WallClock
  let logger: Logger

  func run() async throws {
    let conversations = settings.policy.witnesses.enumerated().map { index, witness in
      let client = settings.clients[index]
      return WitnessConversation(witness: witness, database: database, head: head) { body in
        let answer = try await client.post(
          AddCheckpointRequest.path, contentType: "text/plain; charset=utf-8", body: body)
        return WitnessAnswer(
          status: answer.status, contentType: answer.contentType, body: answer.body)
      }
    }
    defer { for client in settings.clients { client.close() } }
    if try !fence.isOpen() { logger.notice("nothing is signed until witnesses have been heard") }
    let (events, continuation) = AsyncStream.makeStream(of: Event.self)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { await announce(continuation) }
      group.addTask { await tick(continuation) }
      try await schedule(events, conversations) { order, conversation, known in
        group.addTask {
          do {
            let isCosigned = try await ask(order, conversation, known: known)
            continuation.yield(isCosigned ? .cosigned(order) : .failed(order))
          } catch {
            // The schedule would wait for ever for those that the failure of this one has cancelled.
            continuation.finish()
            throw error
          }
        }
      }
      group.cancelAll()
    }
  }

  private func schedule(
    _ events: AsyncStream<Event>, _ conversations: [WitnessConversation],
    _ send: (WitnessSchedule.Order, WitnessConversation, Int?) -> Void
  ) async throws {
    let policy = settings.policy
    var schedule = WitnessSchedule(
      witnesses: conversations.count, refresh: settings.refresh
    ) { policy.isQuorum($0) }
    var known: [Int: Int] = [:]
    let start = ContinuousClock.now
    for await event in events.cancelOnGracefulShutdown() {
      _ = try fence.isOpen()
      let now = start.duration(to: .now)
      switch event {
      case .wake: break
      case .cosigned(let order):
        schedule.cosigned(order, now: now)
        known[order.witness] = order.size
      case .failed(let order): schedule.failed(order, now: now)
      }
      let newest = try await head.covering(0).size
      for order in schedule.orders(newest: newest, now: now) {
        send(order, conversations[order.witness], known[order.witness])
      }
    }
  }

  /// Whether the witness has cosigned and its word is kept.
  /// - Throws: `StartupError` when it objects.
  private func ask(
    _ order: WitnessSchedule.Order, _ conversation: WitnessConversation, known: Int?
  ) async throws -> Bool {
    let name = conversation.witness.name
    do {
      let cosignature = try await conversation.cosign(order.size, known: known)
      let key = conversation.witness.key
      let checkpoint = try await database.write { db in
        let table = CosignatureTable(db)
        try table.store(cosignature, of: key, size: order.size)
        return try CheckpointTable(db).at(order.size).map { try table.cosigned($0) }
      }
      if let checkpoint { board.note(cosignature, of: order.witness, on: checkpoint) }
      if fence.heard(order.witness) { logger.notice("witnesses have seen nothing else") }
      return true
    } catch let objection as WitnessObjection {
      let refusal = objection.refusal(configuration, at: clock.now())
      fence.refuse(refusal)
      logger.critical("nothing is signed any more", metadata: ["cause": "\(refusal)"])
      throw refusal
    } catch {
      logger.warning(
        "a witness has not cosigned",
        metadata: ["witness": "\(name)", "size": "\(order.size)", "cause": "\(error)"])
      return false
    }
  }

  /// Tells of new checkpoints.
  private func announce(_ events: AsyncStream<Event>.Continuation) async {
    var size = 0
    while !Task.isCancelled {
      if let checkpoint = try? await head.covering(size, within: .seconds(3_600)) {
        size = checkpoint.size + 1
        events.yield(.wake)
      }
    }
  }

  private func tick(_ events: AsyncStream<Event>.Continuation) async {
    while (try? await Task.sleep(for: Self.tick)) != nil { events.yield(.wake) }
  }
}
