import AuditDomain
import Testing

@Suite struct WitnessScheduleTests {
  private func schedule(_ witnesses: Int = 3, quorum: Int = 2) -> WitnessSchedule {
    WitnessSchedule(witnesses: witnesses, refresh: .seconds(60)) { $0.count >= quorum }
  }

  private func orders(_ witnesses: [Int], _ size: Int) -> [WitnessSchedule.Order] {
    witnesses.map { .init(witness: $0, size: size) }
  }

  @Test func allAreAskedAboutTheSameCheckpoint() {
    var schedule = schedule()
    #expect(schedule.orders(newest: 5, now: .zero) == orders([0, 1, 2], 5))
    // The log grows while they are asked; the answers come one by one.
    #expect(schedule.orders(newest: 6, now: .milliseconds(1)) == [])
    schedule.cosigned(.init(witness: 0, size: 5), now: .milliseconds(2))
    #expect(schedule.orders(newest: 7, now: .milliseconds(2)) == [])
    schedule.cosigned(.init(witness: 1, size: 5), now: .milliseconds(3))
    #expect(schedule.orders(newest: 8, now: .milliseconds(3)) == orders([0, 1], 8))
    // The slow one is asked about the newest when it has answered.
    schedule.cosigned(.init(witness: 2, size: 5), now: .milliseconds(4))
    #expect(schedule.orders(newest: 9, now: .milliseconds(4)) == orders([2], 8))
  }

  @Test func aRoundThatCannotSucceedGivesWay() {
    var schedule = schedule()
    _ = schedule.orders(newest: 5, now: .zero)
    for witness in 0..<3 { schedule.failed(.init(witness: witness, size: 5), now: .zero) }
    #expect(schedule.orders(newest: 6, now: .milliseconds(249)) == [])
    #expect(schedule.orders(newest: 6, now: .milliseconds(250)) == orders([0, 1, 2], 6))
    schedule.cosigned(.init(witness: 0, size: 6), now: .seconds(1))
    #expect(schedule.orders(newest: 7, now: .seconds(5)) == [])
    #expect(schedule.orders(newest: 7, now: .milliseconds(5_250)) == orders([0], 7))
  }

  @Test func failuresAreFollowedByEverLongerPauses() {
    var schedule = schedule(1, quorum: 1)
    var now = Duration.zero
    var pauses: [Duration] = []
    for _ in 0..<12 {
      var asked = schedule.orders(newest: 5, now: now)
      let start = now
      while asked.isEmpty {
        now += .milliseconds(250)
        asked = schedule.orders(newest: 5, now: now)
      }
      pauses.append(now - start)
      schedule.failed(asked[0], now: now)
    }
    #expect(pauses.prefix(4) == [.zero, .milliseconds(250), .milliseconds(500), .seconds(1)])
    #expect(pauses.max() == .seconds(30) && pauses.last == .seconds(30))
    now += .seconds(30)
    let order = schedule.orders(newest: 5, now: now)
    schedule.cosigned(order[0], now: now)
    #expect(schedule.orders(newest: 6, now: now) == orders([0], 6))
  }

  @Test func anOldWordIsAskedForAgain() {
    var schedule = schedule(1, quorum: 1)
    let order = schedule.orders(newest: 5, now: .zero)
    schedule.cosigned(order[0], now: .seconds(1))
    #expect(schedule.orders(newest: 5, now: .seconds(60)) == [])
    #expect(schedule.orders(newest: 5, now: .seconds(61)) == order)
    #expect(schedule.orders(newest: 5, now: .seconds(62)) == [])
  }
}
