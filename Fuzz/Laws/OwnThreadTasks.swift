import Foundation
import Synchronization

/// Runs the jobs that tasks leave to the global executor on the thread that made them, in order and when told, so
/// that a connection and its handlers do the same for the same input every time. Jobs of other threads are let pass.
enum OwnThreadTasks {
  private typealias Enqueue = @convention(thin) (UnownedJob) -> Void
  private typealias Hook = @convention(thin) (UnownedJob, Enqueue) -> Void

  private static let executor = Executor()
  private static let owner = Atomic<UInt>(0)
  private static let jobs = Mutex<[UnownedJob]>([])

  /// Keeps this thread's jobs while `body` runs.
  static func run<Result>(_ body: () throws -> Result) throws -> Result {
    // What the runtime asks before it enqueues a job; nil as long as nobody has set it.
    let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook")
    let hook = try require(symbol, "the runtime has no hook for jobs")
      .assumingMemoryBound(to: Hook?.self)
    owner.store(thread, ordering: .relaxed)
    hook.pointee = { job, enqueue in OwnThreadTasks.enqueue(job, otherwise: enqueue) }
    defer {
      runWaiting()
      owner.store(0, ordering: .relaxed)
      hook.pointee = nil
    }
    return try body()
  }

  /// Runs the jobs kept so far and those that they leave; returns whether there were any.
  @discardableResult static func runWaiting() -> Bool {
    var hasRun = false
    while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
      job.runSynchronously(on: executor.asUnownedTaskExecutor())
      hasRun = true
    }
    return hasRun
  }

  private static func enqueue(_ job: UnownedJob, otherwise enqueue: Enqueue) {
    guard owner.load(ordering: .relaxed) == thread else { return enqueue(job) }
    jobs.withLock { $0.append(job) }
  }

  private static var thread: UInt { UInt(pthread_self()) }

  private final class Executor: TaskExecutor {
    func enqueue(_ job: UnownedJob) { OwnThreadTasks.jobs.withLock { $0.append(job) } }
  }
}
