import Crypto
import Foundation
package import ServiceRuntime

/// The key under which private keys lie in the database, kept in a file beside it: a copy of the
/// database alone gives no key away.
package struct DatabaseKey: Sendable {
  static let fileName = "database.key"
  private let cipher: AES256GCM

  /// Reads the file. Throws one line when it is missing, damaged or open to others.
  package init(directory: String) throws(StartupError) {
    let path = directory + "/" + Self.fileName
    guard FileManager.default.fileExists(atPath: path) else {
      throw StartupError(.missingInput, "\(path) is missing: run `identity bootstrap` first")
    }
    do {
      cipher = try AES256GCM(key: try KeyFile.read(path))
    } catch CryptoError.keyFile(let path, let problem) {
      throw StartupError(.insecureFile, "\(path) \(problem)")
    } catch {
      throw StartupError(.badData, "\(path) does not hold 32 bytes")
    }
  }

  /// Reads the file, or makes it when there is none.
  static func makeIfMissing(directory: String) throws(StartupError) -> DatabaseKey {
    let path = directory + "/" + fileName
    if !FileManager.default.fileExists(atPath: path) {
      do {
        try KeyFile.write(Random.bytes(32), to: path)
      } catch {
        throw StartupError(.cannotWrite, "\(error)")
      }
    }
    return try DatabaseKey(directory: directory)
  }

  /// `name` says what the key is of; a sealed key opens under the same name only.
  func seal(_ key: P256PrivateKey, name: String) throws -> [UInt8] {
    try cipher.seal(Array(try key.pem().utf8), authenticating: Array(name.utf8))
  }

  func open(_ sealed: [UInt8], name: String) throws -> P256PrivateKey {
    let text = try cipher.open(sealed, authenticating: Array(name.utf8))
    return try P256PrivateKey(pem: String(decoding: text, as: UTF8.self))
  }
}
