import Client
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

  private static func bytes(_ path: String) throws -> [UInt8] {
    if path == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
    guard let bytes = try LocalFile.read(path) else {
      throw UsageError(text: Text(vi: "Không có tệp \(path).", en: "There is no file \(path)."))
    }
    return bytes
  }
}
