import Crypto
import Foundation
package import Model

/// The content of a folder as a revision describes it.
package enum FolderContent {
  /// Every file below a folder in canonical order: size, SHA-256 and, for CSV and JSON Lines, rows.
  /// Names that start with a dot are left out. Throws `ClientError` when a file cannot be read.
  package static func files(in folder: String) throws -> [CatalogV1.ContentFile] {
    let root = URL(filePath: folder, directoryHint: .isDirectory).standardizedFileURL
    guard
      let paths = FileManager.default.enumerator(
        at: root, includingPropertiesForKeys: [.isRegularFileKey], options: .skipsHiddenFiles)
    else { throw ClientError.fileFailure(path: folder, reason: "not readable") }
    var files: [CatalogV1.ContentFile] = []
    for case let url as URL in paths {
      let isFile = try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
      guard isFile == true else { continue }
      let path = url.standardizedFileURL.path.dropFirst(root.path.count)
      files.append(try file(at: url.path, as: String(path.drop { $0 == "/" })))
    }
    return files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// One file, under the path that it has in the revision.
  package static func file(at location: String, as path: String) throws -> CatalogV1.ContentFile {
    guard let handle = FileHandle(forReadingAtPath: location) else {
      throw ClientError.fileFailure(path: location, reason: "not readable")
    }
    let kind = Kind(path)
    var hasher = SHA256()
    var counter = RowCounter(hasQuotes: kind == .csv)
    var size: Int64 = 0
    do {
      while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
        let bytes = [UInt8](piece)
        hasher.update(bytes)
        if kind.isTabular { counter.take(bytes) }
        size += Int64(bytes.count)
      }
      try handle.close()
    } catch {
      throw ClientError.fileFailure(path: location, reason: error.localizedDescription)
    }
    let records = kind.isTabular ? counter.records : 0
    return CatalogV1.ContentFile(
      path: path, mediaType: kind.mediaType, sizeBytes: size,
      rows: kind == .csv ? max(0, records - 1) : records, sha256: hasher.finalize())
  }

  /// The columns that the heading line of a CSV file names, all of them text as far as CSV tells.
  package static func columns(ofCSV location: String) throws -> [CatalogV1.Column] {
    guard let bytes = try LocalFile.read(location) else {
      throw ClientError.fileFailure(path: location, reason: "no such file")
    }
    let heading = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let line = heading.starts(with: byteOrderMark) ? heading.dropFirst(3) : heading
    return line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
      let name = String(decoding: $0, as: UTF8.self)
        .trimmingCharacters(in: CharacterSet(charactersIn: "\" "))
      return CatalogV1.Column(name: name, dataType: "string")
    }
  }

  private enum Kind {
    case csv, jsonLines, json, parquet, text, other

    init(_ path: String) {
      switch path.split(separator: ".").last?.lowercased() {
      case "csv": self = .csv
      case "jsonl", "ndjson": self = .jsonLines
      case "json": self = .json
      case "parquet": self = .parquet
      case "txt", "md": self = .text
      default: self = .other
      }
    }

    var isTabular: Bool { self == .csv || self == .jsonLines }

    var mediaType: String {
      switch self {
      case .csv: "text/csv"
      case .jsonLines: "application/jsonl"
      case .json: "application/json"
      case .parquet: "application/vnd.apache.parquet"
      case .text: "text/plain"
      case .other: "application/octet-stream"
      }
    }
  }
}

/// Counts records as RFC 4180 does: line feeds outside quotes, and a last line without one.
struct RowCounter {
  /// Whether quotes hide line feeds.
  let hasQuotes: Bool
  private var isQuoted = false
  private var isInRecord = false
  private var complete: Int64 = 0

  init(hasQuotes: Bool) {
    self.hasQuotes = hasQuotes
  }

  var records: Int64 { complete + (isInRecord ? 1 : 0) }

  mutating func take(_ bytes: [UInt8]) {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n") where !isQuoted:
        if isInRecord { complete += 1 }
        isInRecord = false
      case UInt8(ascii: "\r") where !isQuoted: continue
      case UInt8(ascii: "\"") where hasQuotes:
        isQuoted.toggle()
        isInRecord = true
      default: isInRecord = true
      }
    }
  }
}
