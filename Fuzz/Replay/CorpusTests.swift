import Model
import Foundation
import Testing

/// The inputs that fuzzing kept, and mutants of them, through the laws that the fuzzers check.
@Suite struct CorpusTests {
  @Test(arguments: FuzzTarget.allCases)
  func keptInputsKeepTheLaws(target: FuzzTarget) throws {
    let corpus = try Corpus(target)
    #expect(!corpus.inputs.isEmpty)
    for input in corpus.inputs { check(target, input) }
  }

  @Test(arguments: FuzzTarget.allCases)
  func beginningsOfKeptInputsKeepTheLaws(target: FuzzTarget) throws {
    for input in try Corpus(target).inputs {
      let step = max(1, input.count / Self.mutants(of: target))
      for count in stride(from: 0, to: input.count, by: step) {
        check(target, Array(input[..<count]))
      }
    }
  }

  @Test(arguments: FuzzTarget.allCases)
  func keptInputsWithAByteChangedKeepTheLaws(target: FuzzTarget) throws {
    var numbers = SplitMix64(seed: 20_261_123)
    for input in try Corpus(target).inputs where !input.isEmpty {
      for _ in 0..<Self.mutants(of: target) {
        var mutant = input
        let place = Int.random(in: 0..<input.count, using: &numbers)
        switch Int.random(in: 0..<3, using: &numbers) {
        case 0: mutant[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1: mutant[place] = .random(in: .min ... .max, using: &numbers)
        default: mutant.remove(at: place)
        }
        check(target, mutant)
      }
    }
  }

  /// The kept sessions are more than noise: they call every method that can succeed before its connection ends.
  @Test func keptSessionsAreAnsweredByEveryMethod() throws {
    for input in try Corpus(.session).inputs { check(.session, input) }
    let endless: Set = ["/fuzz.Service/Fail", "/grpc.health.v1.Health/Watch", "/fuzz.Service/None"]
    #expect(Set(FuzzedService.paths).subtracting(FuzzedService.answered) == endless)
  }

  /// A connection with its handshake, and fields in every format, cost many times what the other inputs do.
  private static func mutants(of target: FuzzTarget) -> Int {
    [.session, .headers].contains(target) ? 1 : 4
  }

  private func check(_ target: FuzzTarget, _ input: [UInt8]) {
    do {
      try target.check(input)
    } catch {
      Issue.record("\(target.rawValue) \(Data(input).base64EncodedString()): \(error)")
    }
  }
}

/// The inputs kept for a target: a line of base64 for each.
private struct Corpus {
  let inputs: [[UInt8]]

  init(_ target: FuzzTarget) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Corpus/\(target.rawValue).txt")
    inputs = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      [UInt8](try #require(Data(base64Encoded: String(line))))
    }
  }
}
