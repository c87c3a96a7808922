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
final class LoopMailbox<Event: Sendable>: Sendable {
  private struct State {
    var events: [Event] = []
    var isScheduled = false
  }

  private let eventLoop: any EventLoop
  private let owner: NIOLoopBoundBox<(any LoopMailboxOwner<Event>)?>
  private let undeliverable: @Sendable (Event) -> Void
  private let state = Mutex(State())

  /// To be called on the event loop. `undeliverable` gets events that arrive after `detach`.
  init(
    owner: any LoopMailboxOwner<Event>, eventLoop: any EventLoop,
    undeliverable: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    self.eventLoop = eventLoop
    self.undeliverable = undeliverable
    self.owner = NIOLoopBoundBox(owner, eventLoop: eventLoop)
  }

  /// Handles the event at once when called on the event loop with nothing waiting; otherwise soon.
  func post(_ event: Event) {
    let isOnLoop = eventLoop.inEventLoop
    let (isNow, mustSchedule) = state.withLock { state in
      if isOnLoop && state.events.isEmpty { return (true, false) }
      state.events.append(event)
      defer { state.isScheduled = true }
      return (false, !state.isScheduled)
    }
    if isNow {
      deliver(CollectionOfOne(event))
    } else if mustSchedule {
      eventLoop.execute { self.drain() }
    }
  }

  /// Drops the owner. To be called on the event loop when the connection is gone.
  func detach() { owner.value = nil }

  private func drain() {
    let events = state.withLock { state in
      defer {
        state.events = []
        state.isScheduled = false
      }
      return state.events
    }
    deliver(events)
  }

  private func deliver(_ events: some Collection<Event>) {
    guard let owner = owner.value else { return events.forEach(undeliverable) }
    for event in events { owner.receive(event) }
    owner.batchReceived()
  }
}
