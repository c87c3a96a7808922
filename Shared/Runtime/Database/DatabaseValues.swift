import Foundation
package import GRDB
package import Model

// How values of the exchange are stored: identifiers and digests as BLOBs of 16 and 32 bytes,
// moments as INTEGER microseconds since the epoch. They can be statement arguments and row values.

extension Identifier: DatabaseValueConvertible {
  package var databaseValue: DatabaseValue { Data(bytes).databaseValue }

  package static func fromDatabaseValue(_ value: DatabaseValue) -> Self? {
    Data.fromDatabaseValue(value).flatMap { Self(bytes: $0) }
  }
}

extension Digest: DatabaseValueConvertible {
  package var databaseValue: DatabaseValue { withBytes { Data($0) }.databaseValue }

  package static func fromDatabaseValue(_ value: DatabaseValue) -> Self? {
    Data.fromDatabaseValue(value).flatMap { Self(bytes: $0) }
  }
}

extension Timestamp: DatabaseValueConvertible {
  package var databaseValue: DatabaseValue { microseconds.databaseValue }

  package static func fromDatabaseValue(_ value: DatabaseValue) -> Self? {
    Int64.fromDatabaseValue(value).map { Self(microseconds: $0) }
  }
}

/// Bytes as a BLOB.
package struct Blob: DatabaseValueConvertible, Sendable, Hashable {
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var databaseValue: DatabaseValue { Data(bytes).databaseValue }

  package static func fromDatabaseValue(_ value: DatabaseValue) -> Blob? {
    Data.fromDatabaseValue(value).map { Blob(Array($0)) }
  }
}
