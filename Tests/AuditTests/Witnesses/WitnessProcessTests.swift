import Crypto
import Foundation
import Model
import RPC
import TestSupport
import Testing
import TransparencyLog

/// `ndx witness` as a process, killed at any moment.
@Suite(.timeLimit(.minutes(2))) struct WitnessProcessTests {
  private let directory: TemporaryDirectory
  private let signer: NoteSigner
  private let log: SmallLog
  private let fork: SmallLog

  init() throws {
    directory = try TemporaryDirectory()
    signer = try NoteSigner(name: "ndx.local/audit", key: .generate())
    log = SmallLog(signer)
    fork = SmallLog(signer, history: "other")
  }

  @Test func aKilledWitnessNeverCosignsTwoRootsOfOneSize() async throws {
    let witness = try WitnessProcess(directory, "w.example", log: signer.verifierKey)
    let moments = RandomMoments()
    var cosigned = 0
    for _ in 0..<6 {
      try await witness.start()
      let ask = witness.asking
      let log = log
      let from = cosigned
      // The kill comes while requests are under way.
      let asking = Task { () -> Int in
        var newest = from
        for size in (newest + 1)...(newest + 40) {
          let request = try log.request(from: newest, to: size)
          guard let reply = try? await ask(request) else { return newest }
          switch reply {
          case .cosigned: newest = size
          case .remembers(let size): newest = size
          default: return newest
          }
        }
        return newest
      }
      try await Task.sleep(for: moments.next(upTo: .milliseconds(30)))
      try await witness.process.kill()
      cosigned = try await asking.value
      try await witness.start()
      let forked = try await witness.ask(fork.request(from: cosigned, to: cosigned))
      if cosigned > 0 {
        let honest: Bool =
          switch forked {
          case .contradiction: true
          case .remembers(let size): size > cosigned
          default: false
          }
        #expect(honest, "\(forked) after \(cosigned)")
      }
      if case .remembers(let size) = forked { cosigned = size }
      #expect(try await witness.process.terminate() == 0)
    }
    #expect(cosigned > 0)
  }
}
