import Foundation

/// JSON as the exchange writes it: keys sorted, slashes plain, so that equal values are equal text.
package enum ProtoJSON {
  package static func text(of value: some Encodable, pretty: Bool = true) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws
    -> Value
  {
    try JSONDecoder().decode(type, from: Data(bytes))
  }

  /// Decodes a file. Throws `damagedFile` with the place of the mistake, nil when there is none.
  package static func decode<Value: Decodable>(_ type: Value.Type, fromFile path: String) throws
    -> Value?
  {
    guard let bytes = try LocalFile.read(path) else { return nil }
    do {
      return try decode(type, from: bytes)
    } catch let error as DecodingError {
      throw ClientError.damagedFile(path: path, reason: error.place)
    }
  }
}

extension DecodingError {
  /// Where in the JSON and what is wrong there, on one line.
  package var place: String {
    let context: Context
    switch self {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
      .dataCorrupted(let found):
      context = found
    @unknown default: return "malformed JSON"
    }
    var path = context.codingPath.map(\.stringValue)
    if case .keyNotFound(let key, _) = self, path.last != key.stringValue {
      path.append(key.stringValue)
    }
    let place = path.isEmpty ? "" : path.joined(separator: ".") + ": "
    return place + context.debugDescription
  }
}
