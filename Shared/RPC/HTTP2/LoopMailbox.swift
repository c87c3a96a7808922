import NIOCore
import Synchronization

/// What receives a mailbox's events, on its event loop.
protocol LoopMailboxOwner<Event>: AnyObject {
  associatedtype Event: Sendable
  func receive(_ event: Event)
  /// Called once after a batch of events.
  func batchReceived()
}

/// The way into a connection from other threads: events are handled in order on its event loop, many per wake-up.
///
/// It is also the executor of the connection's calls: a handler that has waited goes on here, where its answer is
/// sent, instead of on a thread of the pool that would have to wake the event loop. What handlers do between
/// their waits must therefore be short.
final class LoopMailbox<Event: Sendable>: TaskExecutor {
  private enum Item: Sendable {
    case event(Event)
    case job(UnownedJob)
  }

  private struct State {
    var items: [Item] = []
    var isScheduled = false
  }

  /// Used on the event loop only.
  private struct OnLoop {
    var owner: (any LoopMailboxOwner<Event>)?
    var isDelivering = false
  }

  private let eventLoop: any EventLoop
  private let onLoop: NIOLoopBoundBox<OnLoop>
  private let undeliverable: @Sendable (Event) -> Void
  private let state = Mutex(State())

  /// To be called on the event loop. `undeliverable` gets events that arrive after `detach`.
  init(
    owner: any LoopMailboxOwner<Event>, eventLoop: any EventLoop,
    undeliverable: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    self.eventLoop = eventLoop
    self.undeliverable = undeliverable
    onLoop = NIOLoopBoundBox(OnLoop(owner: owner), eventLoop: eventLoop)
  }

  /// Handles the event at once when called on the event loop with nothing waiting; otherwise soon.
  func post(_ event: Event) {
    let isOnLoop = eventLoop.inEventLoop
    let isNow = state.withLock { isOnLoop && $0.items.isEmpty }
    isNow ? deliver(CollectionOfOne(.event(event))) : append(.event(event))
  }

  func enqueue(_ job: consuming ExecutorJob) { append(.job(UnownedJob(job))) }

  /// Drops the owner. To be called on the event loop when the connection is gone.
  func detach() { onLoop.value.owner = nil }

  private func append(_ item: Item) {
    let mustSchedule = state.withLock { state in
      state.items.append(item)
      defer { state.isScheduled = true }
      return !state.isScheduled
    }
    if mustSchedule { eventLoop.execute { self.drain() } }
  }

  private func drain() {
    let items = state.withLock { state in
      defer {
        state.items = []
        state.isScheduled = false
      }
      return state.items
    }
    deliver(items)
  }

  /// What handling an item posts is handled within it; the owner hears of the end of the batch once.
  private func deliver(_ items: some Collection<Item>) {
    let isOutermost = !onLoop.value.isDelivering
    onLoop.value.isDelivering = true
    for item in items {
      switch item {
      case .event(let event): handle(event)
      case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
      }
    }
    guard isOutermost else { return }
    onLoop.value.isDelivering = false
    onLoop.value.owner?.batchReceived()
  }

  private func handle(_ event: Event) {
    guard let owner = onLoop.value.owner else { return undeliverable(event) }
    owner.receive(event)
  }
}
