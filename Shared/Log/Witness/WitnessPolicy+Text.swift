extension WitnessPolicy {
  /// Reads a policy file. Lines are told apart by bytes: names are opaque.
  /// - Throws: `LogFormatError.malformed` naming the line.
  package init(_ text: some Collection<UInt8>) throws {
    var reader = WitnessPolicyReader()
    let bytes = Array(text)
    guard bytes.count <= LogLimits.policyBytes, bytes.last == UInt8(ascii: "\n") else {
      throw LogFormatError.malformed("witness policy")
    }
    let lines = bytes.dropLast().split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      guard (try? reader.read(line)) == true else {
        throw LogFormatError.malformed("line \(number + 1) of the witness policy")
      }
    }
    guard let quorum = reader.quorum else {
      throw LogFormatError.malformed("witness policy without a quorum line")
    }
    self.init(logs: reader.logs, witnesses: reader.witnesses, quorum: quorum)
  }
}

/// What the lines of a policy have said so far.
private struct WitnessPolicyReader {
  private typealias Word = ArraySlice<UInt8>

  var logs: [WitnessPolicy.Log] = []
  var witnesses: [WitnessPolicy.Witness] = []
  var quorum: WitnessPolicy.Quorum?
  private var names: [[UInt8]: WitnessPolicy.Quorum] = [:]
  private var members: Set<[UInt8]> = []
  private var groups = 0

  /// Takes in a line without its newline. False, or an error, when it means nothing here.
  mutating func read(_ line: ArraySlice<UInt8>) throws -> Bool {
    guard line.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }) else { return false }
    let words = line.split { $0 == 0x09 || $0 == 0x20 }
    guard let first = words.first, first.first != UInt8(ascii: "#") else { return true }
    let rest = Array(words.dropFirst())
    switch String(decoding: first, as: UTF8.self) {
    case "log": return try readLog(rest)
    case "witness": return try readWitness(rest)
    case "group": return readGroup(rest)
    case "quorum": return readQuorum(rest)
    default: return false
    }
  }

  private mutating func readLog(_ words: [Word]) throws -> Bool {
    guard (1...2).contains(words.count), logs.count < LogLimits.policyGroups else { return false }
    let key = try VerifierKey(Self.text(words[0]))
    guard !logs.contains(where: { $0.key.publicKey == key.publicKey }) else { return false }
    logs.append(.init(key: key, url: words.count > 1 ? Self.text(words[1]) : ""))
    return true
  }

  private mutating func readWitness(_ words: [Word]) throws -> Bool {
    guard (2...3).contains(words.count), witnesses.count < LogLimits.witnesses else {
      return false
    }
    let key = try WitnessKey(Self.text(words[1]))
    guard !witnesses.contains(where: { $0.key.publicKey == key.publicKey }),
      define(words[0], as: .witness(witnesses.count))
    else { return false }
    witnesses.append(
      .init(
        name: Self.text(words[0]), key: key, url: words.count > 2 ? Self.text(words[2]) : ""))
    return true
  }

  private mutating func readGroup(_ words: [Word]) -> Bool {
    guard words.count >= 3, groups < LogLimits.policyGroups else { return false }
    groups += 1
    let count = words.count - 2
    let threshold =
      switch Self.text(words[1]) {
      case "any": 1
      case "all": count
      default: Decimal.parse(words[1]) ?? 0
      }
    guard (1...count).contains(threshold) else { return false }
    var group: [WitnessPolicy.Quorum] = []
    for name in words.dropFirst(2) {
      guard let member = names[Array(name)], members.insert(Array(name)).inserted else {
        return false
      }
      group.append(member)
    }
    return define(words[0], as: .group(threshold: threshold, members: group))
  }

  private mutating func readQuorum(_ words: [Word]) -> Bool {
    guard words.count == 1, quorum == nil else { return false }
    quorum = Self.isNone(words[0]) ? WitnessPolicy.Quorum.none : names[Array(words[0])]
    return quorum != nil
  }

  private mutating func define(_ name: Word, as meaning: WitnessPolicy.Quorum) -> Bool {
    guard !Self.isNone(name), names[Array(name)] == nil else { return false }
    names[Array(name)] = meaning
    return true
  }

  private static func isNone(_ word: Word) -> Bool { word.elementsEqual("none".utf8) }

  private static func text(_ word: Word) -> String { String(decoding: word, as: UTF8.self) }
}
