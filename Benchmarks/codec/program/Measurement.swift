import CAllocations
import Glibc

/// Nanoseconds of this thread's processor time and allocations, per operation.
struct Cost {
  let nanoseconds: Double
  let allocations: Double
}

enum Measurement {
  private static let sampleNanoseconds = 100_000_000.0
  private static let samples = 9

  /// Runs both in turn, so that whatever else the machine does meets both, and returns the medians.
  static func alternate(_ ours: () throws -> Void, _ theirs: () throws -> Void) rethrows
    -> (ours: Cost, theirs: Cost)
  {
    let counts = (try repetitions(ours), try repetitions(theirs))
    var costs: (ours: [Cost], theirs: [Cost]) = ([], [])
    for _ in 0..<samples {
      costs.ours.append(try cost(counts.0, ours))
      costs.theirs.append(try cost(counts.1, theirs))
    }
    return (median(costs.ours), median(costs.theirs))
  }

  /// How many operations fill a sample.
  private static func repetitions(_ operation: () throws -> Void) rethrows -> Int {
    var count = 1
    while true {
      let taken = try cost(count, operation).nanoseconds * Double(count)
      if taken > sampleNanoseconds / 4 {
        return max(1, Int(Double(count) * sampleNanoseconds / taken))
      }
      count *= 2
    }
  }

  private static func cost(_ count: Int, _ operation: () throws -> Void) rethrows -> Cost {
    let allocations = allocation_count()
    let start = processorNanoseconds()
    for _ in 0..<count { try operation() }
    let taken = processorNanoseconds() - start
    return Cost(
      nanoseconds: Double(taken) / Double(count),
      allocations: Double(allocation_count() - allocations) / Double(count))
  }

  private static func median(_ costs: [Cost]) -> Cost {
    costs.sorted { $0.nanoseconds < $1.nanoseconds }[costs.count / 2]
  }

  private static func processorNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}

/// Takes a value so that the optimiser has to make it.
@inline(never)
func consume<Value>(_ value: borrowing Value) {}
