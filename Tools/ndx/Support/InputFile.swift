import Client
import Crypto
import Foundation
import Model

/// Files that arguments name.
enum InputFile {
  /// Reads a message in the proto's JSON; `-` is standard input. Mistakes are wrong usage.
  static func decode<Message: Decodable>(_ type: Message.Type, _ path: String) throws -> Message {
    do {
      return try ProtoJSON.decode(type, from: try bytes(path))
    } catch let error as DecodingError {
      throw UsageError(
        text: Text(vi: "\(path) sai: \(error.place)", en: "\(path) is not valid: \(error.place)"))
    }
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try bytes(path), as: UTF8.self)
  }

  /// Most bytes that are read unless something else limits a file: as much as a message may have.
  private static let messageLimit = 4 << 20

  /// Reads no more than it needs to know that a file is too large, which is wrong usage.
  static func bytes(_ path: String, limit: Int = messageLimit) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try pieces(of: path) { piece in
      bytes += piece
      guard bytes.count <= limit else {
        throw UsageError(
          text: Text(
            vi: "Tệp \(path) lớn hơn \(limit) byte.",
            en: "\(path) is larger than \(limit) bytes."))
      }
    }
    return bytes
  }

  /// The SHA-256 of a file of any size.
  static func digest(_ path: String) throws -> Digest {
    var hasher = SHA256()
    try pieces(of: path) { hasher.update([UInt8]($0)) }
    return hasher.finalize()
  }

  private static func pieces(of path: String, _ take: (Data) throws -> Void) throws {
    let file = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path)
    guard let file else {
      throw UsageError(
        text: FileManager.default.fileExists(atPath: path)
          ? Text(vi: "Không đọc được tệp \(path).", en: "\(path) cannot be read.")
          : Text(vi: "Không có tệp \(path).", en: "There is no file \(path)."))
    }
    func next() throws -> Data? {
      do {
        return try file.read(upToCount: 1 << 18)
      } catch {
        throw UsageError(
          text: Text(vi: "Không đọc được tệp \(path).", en: "\(path) cannot be read."))
      }
    }
    while let piece = try next(), !piece.isEmpty { try take(piece) }
  }
}
