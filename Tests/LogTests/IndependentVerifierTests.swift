import Crypto
import Foundation
import Model
import Testing
import TransparencyLog

/// Other people's tools must believe a receipt, and notice every change to it: the verifiers under
/// Examples/verify share no code with this package.
@Suite struct IndependentVerifierTests {
  static let examples = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Examples/verify").standardized

  /// The Python that the Makefile sets up, or the machine's.
  static var python: String {
    let path = examples.appending(path: "../../.venv/bin/python3").standardized
      .path(percentEncoded: false)
    return FileManager.default.isExecutableFile(atPath: path) ? path : "python3"
  }

  let folder: URL
  let sample: ReceiptSample

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "ndx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    sample = try ReceiptSample(300)
    try Data("\(sample.signer.verifierKey)\n".utf8).write(to: file("log.vkey"))
    try save(try sample.receipt(130), as: "receipt.json")
  }

  @Test func pythonBelievesAReceiptWithCosignatures() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let receipt = try sample.receipt(130)
    let note = try receipt.verify(with: sample.signer.verifierKey).note
    let witness = try WitnessSigner(name: "witness.example/w1", key: .generate())
    let proof = try LogProof(receipt.proof)
    let cosigned = LogProof(
      index: proof.index, hashes: proof.hashes,
      checkpoint: note.adding([try witness.cosign(note.text, at: 1_679_315_147)]).description)
    try save(Receipt(proof: cosigned.description.utf8, entry: receipt.entry), as: "cosigned.json")
    let script = Self.examples.appending(path: "verify.py").path(percentEncoded: false)
    let result = try run(Self.python, [script, path("cosigned.json"), path("log.vkey")])
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func pythonBelievesAReceiptAndNoticesEveryChange() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let python = Self.python
    let script = Self.examples.appending(path: "verify.py").path(percentEncoded: false)
    let honest = try run(python, [script, path("receipt.json"), path("log.vkey")])
    #expect(honest.status == 0, "\(honest.output)")
    #expect(honest.output.contains("VERIFIED: entry 130 of ndx.local/audit at size 300"))
    let sweep = """
      import base64, json, sys
      sys.path.insert(0, sys.argv[1])
      import verify
      receipt, key = json.load(open(sys.argv[2])), open(sys.argv[3]).read()
      verify.verify(receipt, key)
      count = 0
      for part, data in (("proof", receipt["proof"].encode()), ("entry", base64.b64decode(receipt["entry"]))):
          for place in range(len(data)):
              changed = bytearray(data)
              changed[place] ^= 1
              text = changed.decode("utf-8", "replace") if part == "proof" else base64.b64encode(changed).decode()
              try:
                  verify.verify({**receipt, part: text}, key)
              except (verify.Refused, ValueError):
                  count += 1
              else:
                  sys.exit(f"{part} byte {place} was changed unseen")
      print("noticed", count)
      """
    let folder = Self.examples.path(percentEncoded: false)
    let swept = try run(
      python, ["-B", "-c", sweep, folder, path("receipt.json"), path("log.vkey")])
    #expect(swept.status == 0, "\(swept.output)")
    #expect(swept.output.contains("noticed"))
  }

  @Test(.enabled(if: ExecutableSearch.find("go") != nil, "Go is not installed"))
  func goBelievesAReceiptAndRefusesAnAlteredOne() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try check(goProgram: "go", environment: [:])
  }

  static let sumdb = FileManager.default.fileExists(
    atPath: "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")

  @Test(.enabled(if: sumdb, "golang-golang-x-mod-dev is not installed"))
  func theCheckerOfGosChecksumDatabaseBelievesAReceipt() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try check(
      goProgram: "sumdb", environment: ["GO111MODULE": "off", "GOPATH": "/usr/share/gocode"])
  }

  private func check(goProgram name: String, environment: [String: String]) throws {
    let built = try run(
      "go", ["build", "-o", path("verify"), "."], in: Self.examples.appending(path: name),
      environment)
    try #require(built.status == 0, "\(built.output)")
    for index in [0, 130, 255, 256, 299] {
      try save(try sample.receipt(index), as: "receipt.json")
      let honest = try run(path("verify"), [path("receipt.json"), path("log.vkey")])
      #expect(honest.status == 0, "\(honest.output)")
      #expect(honest.output.contains("VERIFIED: entry \(index) of ndx.local/audit at size 300"))
    }
    let receipt = try sample.receipt(130)
    try save(Receipt(proof: receipt.proof, entry: sample.entries[131]), as: "altered.json")
    let altered = try run(path("verify"), [path("altered.json"), path("log.vkey")])
    #expect(altered.status == 1)
    #expect(altered.output.contains("REFUSED"))
  }

  private func file(_ name: String) -> URL { folder.appending(path: name) }
  private func path(_ name: String) -> String { file(name).path(percentEncoded: false) }

  private func save(_ receipt: Receipt, as name: String) throws {
    let response = AuditV1.GetReceiptResponse(
      proof: String(decoding: receipt.proof, as: UTF8.self), entry: receipt.entry,
      verifierKey: "\(sample.signer.verifierKey)")
    try JSONEncoder().encode(response).write(to: file(name))
  }

  private func run(
    _ command: String, _ arguments: [String], in directory: URL? = nil,
    _ environment: [String: String] = [:]
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: try #require(ExecutableSearch.find(command)))
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}

enum ExecutableSearch {
  /// The path of a command; nil when it is not installed.
  static func find(_ command: String) -> String? {
    if command.hasPrefix("/") { return command }
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.map { "\($0)/\(command)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
