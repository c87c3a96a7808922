import Crypto
import Foundation
import Model
import Synchronization
import TransparencyLog

/// The folder of one witness: `witness.key` (0600; whoever reads it can speak for the witness), `witness.vkey`,
/// `state/` (the newest checkpoint of each log that it has cosigned) and `evidence/`. While it is open no other process can
/// open it: two of them would not know what the other has signed.
final class WitnessFolder: Sendable {
  let path: String
  private let lock: Mutex<Int32>

  /// Makes the folder when it is not there.
  /// - Throws: `WitnessError.inUse`, `.cannotWrite`.
  init(_ path: String) throws {
    self.path = path
    for folder in [path, "\(path)/state", "\(path)/evidence"] {
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700])
      } catch {
        throw WitnessError.cannotWrite(path: folder)
      }
    }
    let descriptor = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw WitnessError.cannotWrite(path: "\(path)/lock") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(descriptor)
      throw WitnessError.inUse(folder: path)
    }
    lock = Mutex(descriptor)
  }

  /// Lets another process have it.
  func close() {
    lock.withLock { descriptor in
      if descriptor >= 0 { Glibc.close(descriptor) }
      descriptor = -1
    }
  }

  deinit { close() }

  /// The witness's key. It is made when there is none, under a name that it keeps from then on.
  /// - Throws: `WitnessError.unnamed`, `.otherName`, `.damaged`; `CryptoError` when the file is open to others;
  ///   `LogFormatError` when nothing can have such a name.
  func signer(named name: String?) throws -> WitnessSigner {
    let (secret, published) = ("\(path)/witness.key", "\(path)/witness.vkey")
    guard FileManager.default.fileExists(atPath: published) else {
      guard let name else { throw WitnessError.unnamed }
      if !FileManager.default.fileExists(atPath: secret) {
        try KeyFile.write(Ed25519PrivateKey.generate().pem(), to: secret)
      }
      let key = try Ed25519PrivateKey(pem: KeyFile.readText(secret))
      let signer = try WitnessSigner(name: name, key: key)
      try KeyFile.write("\(signer.witnessKey)\n", to: published)
      return signer
    }
    // It is for others to read.
    let text = (try? String(contentsOfFile: published, encoding: .utf8)) ?? ""
    guard let known = try? WitnessKey(String(text.dropLast())), text.hasSuffix("\n") else {
      throw WitnessError.damaged(path: published)
    }
    if let name, !name.utf8.elementsEqual(known.name.utf8) {
      throw WitnessError.otherName(known.name)
    }
    let key = try Ed25519PrivateKey(pem: KeyFile.readText(secret))
    guard key.publicKey == known.publicKey else { throw WitnessError.damaged(path: secret) }
    return try WitnessSigner(name: known.name, key: key)
  }

  /// Where the newest checkpoint of a log is kept. Origins are of any form, so files are named after their hash.
  func statePath(of origin: String) -> String {
    "\(path)/state/\(Digest.sha256(of: Array(origin.utf8)).hex).note"
  }

  var evidencePath: String { "\(path)/evidence" }
}
