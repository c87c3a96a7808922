import Crypto
import Model
import Testing
import TransparencyLog

@Suite struct WitnessPolicyTests {
  private let log: NoteSigner
  private let witnesses: [WitnessSigner]
  private let note: SignedNote

  init() throws {
    log = try NoteSigner(name: "ndx.local/audit", key: .generate())
    witnesses = try (0..<6).map { try WitnessSigner(name: "w.example/\($0)", key: .generate()) }
    note = try log.sign(
      Checkpoint(origin: "ndx.local/audit", size: 0, root: MerkleHash.empty).text)
  }

  /// A policy with this log, witnesses w0 to w5 and these lines.
  private func policy(_ lines: String, log: VerifierKey? = nil) throws -> WitnessPolicy {
    let known = witnesses.enumerated().map { "witness w\($0) \($1.witnessKey)\n" }.joined()
    return try WitnessPolicy("log \(log ?? self.log.verifierKey)\n\(known)\(lines)".utf8)
  }

  private func cosigned(_ numbers: Int...) throws -> SignedNote {
    note.adding(try numbers.map { try witnesses[$0].cosign(note.text, at: 7) })
  }

  private static let nested = """
    # two of the first, one of the others
    \tgroup X 2 w0 w1  w2

    group Y any w3\tw4 w5
    group both all X Y
    quorum both

    """

  @Test func groupsCountTheirMembers() throws {
    let policy = try policy(Self.nested)
    let enough = [[0, 1, 3], [0, 2, 5], [0, 1, 2, 3, 4, 5]]
    for set in enough { #expect(policy.isQuorum(Set(set)), "\(set)") }
    for set in [[], [0, 1], [0, 3], [0, 3, 4, 5], [3, 4, 5], [0, 1, 2]] {
      #expect(!policy.isQuorum(Set(set)), "\(set)")
    }
    #expect(policy.isSatisfied(by: try cosigned(0, 2, 4)))
    #expect(!policy.isSatisfied(by: try cosigned(0, 3, 4)))
  }

  @Test func oneWitnessOrNoneCanBeAQuorum() throws {
    let one = try policy("quorum w3\n")
    #expect(one.isSatisfied(by: try cosigned(3)))
    #expect(!one.isSatisfied(by: try cosigned(0, 1, 2, 4, 5)))
    let none = try policy("quorum none\n")
    #expect(none.isSatisfied(by: note))
    #expect(none.meetsEveryQuorum([]))
  }

  @Test func onlyValidCosignaturesCount() throws {
    let policy = try policy("group g 2 w0 w1\nquorum g\n")
    let stale = try witnesses[1].cosign("other\n", at: 7)
    let stranger = try WitnessSigner(name: "w.example/1", key: .generate())
    let foreign = try stranger.cosign(note.text, at: 7)
    let twice = try witnesses[0].cosign(note.text, at: 8)
    let weak = try cosigned(0).adding([stale, foreign, twice])
    #expect(policy.cosigners(of: weak) == [0])
    #expect(!policy.isSatisfied(by: weak))
    #expect(throws: LogFormatError.noQuorum(cosigners: 1)) { try policy.verify(weak) }
    #expect(policy.isSatisfied(by: weak.adding(try cosigned(1).signatures)))
  }

  @Test func theCheckpointMustBeOfAListedLog() throws {
    let other = try NoteSigner(name: "ndx.local/audit", key: .generate())
    let foreign = try policy("quorum w0\n", log: other.verifierKey)
    #expect(!foreign.isSatisfied(by: try cosigned(0)))
    let text = "witness w \(witnesses[0].witnessKey)\nquorum w\n"
    #expect(try WitnessPolicy(text.utf8).isSatisfied(by: cosigned(0)))
    let renamed = try log.sign(Checkpoint(origin: "x", size: 0, root: MerkleHash.empty).text)
    let claimed = renamed.adding([try witnesses[0].cosign(renamed.text, at: 1)])
    #expect(!(try policy("quorum w0\n").isSatisfied(by: claimed)))
    let words = try log.sign("not a checkpoint\n")
    let signed = words.adding([try witnesses[0].cosign(words.text, at: 1)])
    #expect(!(try WitnessPolicy(text.utf8).isSatisfied(by: signed)))
  }

  @Test func everyQuorumIsMetByNMinusKPlusOne() throws {
    for threshold in 1...6 {
      let policy = try policy("group g \(threshold) w0 w1 w2 w3 w4 w5\nquorum g\n")
      for bits in 0..<64 {
        let seen = Set((0..<6).filter { bits >> $0 & 1 == 1 })
        #expect(policy.meetsEveryQuorum(seen) == (seen.count >= 6 - threshold + 1))
      }
    }
    // Against the meaning itself: every set that is a quorum has a member in common.
    let nested = try policy(Self.nested)
    let quorums = (0..<64).map { bits in Set((0..<6).filter { bits >> $0 & 1 == 1 }) }
      .filter { nested.isQuorum($0) }
    for bits in 0..<64 {
      let seen = Set((0..<6).filter { bits >> $0 & 1 == 1 })
      let meets = quorums.allSatisfy { !$0.isDisjoint(with: seen) }
      #expect(nested.meetsEveryQuorum(seen) == meets)
    }
  }

  @Test func namesAndAddressesAreKept() throws {
    let key = witnesses[0].witnessKey
    let text = "log \(log.verifierKey) https://log/\nwitness W1 \(key) https://w/x\nquorum W1\n"
    let policy = try WitnessPolicy(text.utf8)
    #expect(policy.logs.map(\.url) == ["https://log/"])
    #expect(policy.witnesses.map(\.name) == ["W1"] && policy.witnesses.map(\.key) == [key])
    #expect(policy.witnesses.map(\.url) == ["https://w/x"])
  }

  @Test(arguments: [
    "", "quorum w0", "quorum w6\n", "quorum\n", "quorum w0 w1\n", "quorum w0\nquorum w0\n",
    "group g 0 w0\nquorum g\n", "group g 2 w0\nquorum g\n", "group g 01 w0\nquorum g\n",
    "group g any\nquorum g\n", "group g some w0\nquorum g\n", "group none any w0\nquorum none\n",
    "group w1 any w0\nquorum w1\n", "group g any none\nquorum g\n", "group g any w0 w0\nquorum g\n",
    "group g any w0\ngroup h any w0\nquorum g\n", "group g any h\ngroup h any w0\nquorum g\n",
    "quorum g\ngroup g any w0\n", "log x\nquorum w0\n", "witness w9 x\nquorum w0\n",
    "witness w9 KEY\nquorum w0\n", "log LOG\nquorum w0\n", "witness none OTHER\nquorum none\n",
    "witness w0 OTHER\nquorum w0\n", "witness w9 LOG\nquorum w0\n", "log OTHER\nquorum w0\n",
    "quorum w0\r\n", "quorum w0\u{0}\n", "other w0\nquorum w0\n", "Quorum w0\n",
  ])
  func otherPoliciesAreRefused(_ lines: String) throws {
    let other = try WitnessSigner(name: "other", key: .generate()).witnessKey
    let text = lines.replacing("KEY", with: "\(witnesses[0].witnessKey)")
      .replacing("LOG", with: "\(log.verifierKey)").replacing("OTHER", with: "\(other)")
    #expect(throws: LogFormatError.self) { try policy(text) }
  }

  @Test func namesAreBytes() throws {
    let key = try WitnessSigner(name: "k", key: .generate()).witnessKey
    let text = "witness K \(key)\nwitness \u{212A} \(witnesses[0].witnessKey)\nquorum \u{212A}\n"
    let policy = try WitnessPolicy(text.utf8)
    #expect(policy.quorum == .witness(1))
    #expect(throws: LogFormatError.self) {
      try WitnessPolicy("witness K \(key)\nquorum \u{212A}\n".utf8)
    }
  }

  @Test func policiesAreLimited() throws {
    let crowd = try (0...32).map {
      "witness x\($0) \(try WitnessSigner(name: "x", key: .generate()).witnessKey)\n"
    }
    #expect(
      try WitnessPolicy((crowd.dropLast().joined() + "quorum x0\n").utf8).witnesses.count == 32)
    #expect(throws: LogFormatError.self) {
      try WitnessPolicy((crowd.joined() + "quorum x0\n").utf8)
    }
    let long = "#" + String(repeating: "a", count: LogLimits.policyBytes) + "\nquorum none\n"
    #expect(throws: LogFormatError.self) { try WitnessPolicy(long.utf8) }
  }
}
