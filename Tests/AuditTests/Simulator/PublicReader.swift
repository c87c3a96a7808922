import Foundation
import Model
import RPC
import Synchronization
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// Somebody outside who reads `/checkpoint` over the whole life of a log, across restarts, and forgets nothing.
final class PublicReader: Sendable {
  private struct State {
    var key: VerifierKey?
    var seen: [Int: Checkpoint] = [:]
    var largest = -1
    var problems: [String] = []
  }
  private let state = Mutex(State())

  var seen: [Checkpoint] {
    state.withLock { $0.seen.values.sorted { $0.size < $1.size } }
  }

  /// What no log may do.
  var problems: [String] { state.withLock { $0.problems } }

  /// Reads every checkpoint of a log that runs, until the task is cancelled.
  func follow(_ log: OpenedLog) -> Task<Void, Never> {
    let publicLog = PublicLog(
      database: log.database, head: log.handler.head, board: log.handler.board)
    let (head, key) = (log.handler.head, log.handler.verifierKey)
    return Task {
      var size = -1
      while !Task.isCancelled {
        guard (try? await head.covering(size + 1, within: .seconds(3_600))) != nil else { return }
        let answer = await publicLog.answer("/checkpoint")
        guard let checkpoint = self.note(answer.body, key) else { return }
        size = checkpoint.size
      }
    }
  }

  /// Keeps a checkpoint that was read.
  @discardableResult
  func note(_ bytes: [UInt8], _ key: VerifierKey) -> Checkpoint? {
    guard let checkpoint = try? Checkpoint.verified(bytes, with: key) else {
      state.withLock {
        $0.problems.append("not a checkpoint: \(String(decoding: bytes, as: UTF8.self))")
      }
      return nil
    }
    state.withLock { state in
      if let known = state.key, known != key { state.problems.append("the key has changed") }
      state.key = key
      if let known = state.seen[checkpoint.size], known.root != checkpoint.root {
        state.problems.append("size \(checkpoint.size) has two roots")
      }
      if checkpoint.size < state.largest {
        state.problems.append("size \(checkpoint.size) was published after \(state.largest)")
      }
      state.largest = max(state.largest, checkpoint.size)
      state.seen[checkpoint.size] = checkpoint
    }
    return checkpoint
  }

  /// Compares everything seen with what the log must be.
  func check(against reference: ReferenceLog) throws {
    let (problems, seen) = state.withLock { ($0.problems, $0.seen) }
    if let problem = problems.first { throw Disagreement(description: problem) }
    for (size, checkpoint) in seen {
      guard size < reference.roots.count else {
        throw Disagreement(
          description: "size \(size) was published, of \(reference.entries.count) entries")
      }
      guard checkpoint.root == reference.roots[size] else {
        throw Disagreement(description: "size \(size) was published with another root")
      }
    }
  }

  /// Has the log prove that each of these is a prefix of its newest checkpoint.
  func checkProofs(_ log: OpenedLog, of checkpoints: [Checkpoint]) async throws {
    let newest = try await log.checkpoint()
    guard newest.size > 0 else { return }
    for earlier in checkpoints {
      let proof = try await log.handler.getConsistencyProof(
        .init(firstSize: Int64(earlier.size), secondSize: Int64(newest.size)), .test())
      guard
        ProofVerification.consistency(
          from: earlier.size, firstRoot: earlier.root, to: newest.size, secondRoot: newest.root,
          proof: proof.hashes)
      else {
        throw Disagreement(
          description: "size \(earlier.size) is not proven to be a prefix of \(newest.size)")
      }
    }
  }
}
