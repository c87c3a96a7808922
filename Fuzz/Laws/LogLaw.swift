import Model

@testable import TransparencyLog

/// One byte chooses the format, the others are a text in it.
enum LogLaw {
  private static let forms: [@Sendable (FuzzInput) throws -> Void] = [
    note, checkpoint, proof, bundle, entry, details, tilePath, key, hashes, receipt,
    addCheckpoint, policy, cosignature,
  ]

  static func check(_ bytes: [UInt8]) throws {
    var input = FuzzInput(bytes)
    let form = Int(input.byte()) % forms.count
    try forms[form](input)
  }

  private static func note(_ input: FuzzInput) throws {
    guard let note = try? SignedNote(input.rest) else { return }
    try require(try SignedNote(note.description.utf8) == note, "a note changes when it is written")
    let isSigned = (try? note.verify(with: Samples.logKey())) != nil
    try require(
      !isSigned || Samples.checkpoint.hasPrefix(note.text + "\n\u{2014}"),
      "a note that nobody signed is accepted")
  }

  private static func checkpoint(_ input: FuzzInput) throws {
    guard let checkpoint = try? Checkpoint(text: input.text) else { return }
    try require(try Checkpoint(text: checkpoint.text) == checkpoint, "a checkpoint changes")
  }

  private static func proof(_ input: FuzzInput) throws {
    guard let proof = try? LogProof(input.rest) else { return }
    try require(try LogProof(proof.description.utf8) == proof, "a proof changes")
  }

  private static func bundle(_ input: FuzzInput) throws {
    guard let entries = try? EntryBundle.decode(input.rest) else { return }
    try require(EntryBundle.encode(entries) == Array(input.rest), "a bundle changes")
  }

  private static func entry(_ input: FuzzInput) throws {
    guard let entry = try? EntryBody(input.rest) else { return }
    try require(entry.bytes == Array(input.rest), "two texts are the same entry")
  }

  private static func details(_ input: FuzzInput) throws {
    guard let details = try? EntryDetails(Array(input.rest)) else { return }
    try require(try EntryDetails(details.bytes) == details, "details change")
  }

  private static func addCheckpoint(_ input: FuzzInput) throws {
    guard let request = try? AddCheckpointRequest(input.rest) else { return }
    try require(request.bytes == Array(input.rest), "two texts are the same request to a witness")
    let decision = WitnessRule.decide(
      request, keys: [try Samples.logKey()], remembered: nil)
    if case .cosign(let checkpoint) = decision {
      try require(
        Samples.checkpoint.hasPrefix(checkpoint.note.text + "\n\u{2014}"),
        "a witness cosigns what the log has not signed")
    }
  }

  private static func policy(_ input: FuzzInput) throws {
    guard let policy = try? WitnessPolicy(input.rest) else { return }
    let all = Set(policy.witnesses.indices)
    try require(policy.isQuorum(all), "a quorum that nobody can reach")
    try require(policy.meetsEveryQuorum(all), "all witnesses leave out a quorum")
  }

  private static func cosignature(_ input: FuzzInput) throws {
    guard let lines = try? NoteSignature.lines(input.rest) else { return }
    try require(
      lines.map(\.description).joined().utf8.elementsEqual(input.rest),
      "two texts are the same line")
  }

  private static func tilePath(_ input: FuzzInput) throws {
    guard let path = TilePath(input.text) else { return }
    try require(
      path.description.utf8.elementsEqual(input.text.utf8), "two texts are the same tile's path")
  }

  private static func key(_ input: FuzzInput) throws {
    guard let key = try? VerifierKey(input.text) else { return }
    try require(try VerifierKey(key.description) == key, "a verifier key changes")
  }

  /// Any numbers and hashes as a proof: an answer, and of two roots only one is right.
  private static func hashes(_ input: FuzzInput) throws {
    var input = input
    func number() -> Int {
      let shift = Int(input.byte() % 56)
      return Int(input.byte()) << shift | Int(input.byte())
    }
    let (first, second) = (number(), number())
    var hashes: [Digest] = []
    while hashes.count < 8, let hash = Digest(bytes: input.take(32)) { hashes.append(hash) }
    guard hashes.count >= 3 else { return }
    let proof = Array(hashes.dropFirst(3))
    let isIncluded = [hashes[1], hashes[2]].filter {
      ProofVerification.inclusion(of: hashes[0], at: first, size: second, root: $0, proof: proof)
    }
    try require(Set(isIncluded).count <= 1, "a leaf is included under two roots")
    _ = ProofVerification.consistency(
      from: first, firstRoot: hashes[0], to: second, secondRoot: hashes[1], proof: proof)
  }

  /// A proof, NUL, an entry.
  private static func receipt(_ input: FuzzInput) throws {
    let end = input.rest.firstIndex(of: 0) ?? input.rest.endIndex
    let receipt = Receipt(proof: input.rest[..<end], entry: input.rest[end...].dropFirst())
    guard let verified = try? receipt.verify(with: Samples.logKey()) else { return }
    try require(
      Samples.checkpoint.hasPrefix(verified.checkpoint.text + "\n\u{2014}"),
      "a receipt of another log is accepted")
    try require(verified.entry.bytes == Array(Samples.entry.utf8), "a forged entry is accepted")
  }
}
