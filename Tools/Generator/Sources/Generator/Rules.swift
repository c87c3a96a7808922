import Foundation
import SwiftProtobuf

/// The options of `ndx/rules/v1/rules.proto` on one field.
struct FieldRules {
  var required = false
  var id = ""
  var minimumLength = 0
  var maximumLength = 0
  var format = 0
  var byteCount = 0
  var maximumByteCount = 0
  var smallest: Int64?
  var largest: Int64?
  var definedOnly = false
  var minimumItems = 0
  var maximumItems = 0

  static let number = 50_501

  /// Codes of currencies and countries have one length; the other formats have none.
  var isBoundedByFormat: Bool { format == 1 || format == 2 }

  /// Reads the extension out of a field's options, which keep it as an unknown field.
  init(_ options: Google_Protobuf_FieldOptions) throws {
    for rules in try OptionReader.messages(Self.number, in: options.unknownFields.data) {
      for field in try OptionReader.fields(rules) {
        switch field.number {
        case 1: required = field.value != 0
        case 2: id = String(decoding: field.bytes, as: UTF8.self)
        case 3: try readString(field.bytes)
        case 4: try readBytes(field.bytes)
        case 5: try readInteger(field.bytes)
        case 6: for item in try OptionReader.fields(field.bytes) { definedOnly = item.value != 0 }
        case 7: try readRepeated(field.bytes)
        default: throw GenerationError("rules.proto has field \(field.number), unknown here")
        }
      }
    }
  }

  private mutating func readString(_ bytes: Data) throws {
    for field in try OptionReader.fields(bytes) {
      switch field.number {
      case 1: minimumLength = Int(field.value)
      case 2: maximumLength = Int(field.value)
      case 3: format = Int(field.value)
      default: throw GenerationError("StringRules has field \(field.number), unknown here")
      }
    }
  }

  private mutating func readBytes(_ bytes: Data) throws {
    for field in try OptionReader.fields(bytes) {
      switch field.number {
      case 1: byteCount = Int(field.value)
      case 2: maximumByteCount = Int(field.value)
      default: throw GenerationError("BytesRules has field \(field.number), unknown here")
      }
    }
  }

  private mutating func readInteger(_ bytes: Data) throws {
    for field in try OptionReader.fields(bytes) {
      switch field.number {
      case 1: smallest = Int64(bitPattern: field.value)
      case 2: largest = Int64(bitPattern: field.value)
      default: throw GenerationError("IntegerRules has field \(field.number), unknown here")
      }
    }
  }

  private mutating func readRepeated(_ bytes: Data) throws {
    for field in try OptionReader.fields(bytes) {
      switch field.number {
      case 1: minimumItems = Int(field.value)
      case 2: maximumItems = Int(field.value)
      default: throw GenerationError("RepeatedRules has field \(field.number), unknown here")
      }
    }
  }
}

/// The option of `ndx/access/v1/access.proto` on one method.
struct AccessRule {
  var anonymous = false
  var participants = false
  var certificate = false
  var roles: [Int32] = []
  var services: [String] = []

  static let number = 50_502

  /// Nil if the method does not say who may call it.
  init?(_ options: Google_Protobuf_MethodOptions) throws {
    let messages = try OptionReader.messages(Self.number, in: options.unknownFields.data)
    guard !messages.isEmpty else { return nil }
    for message in messages {
      for field in try OptionReader.fields(message) {
        switch field.number {
        case 1: anonymous = field.value != 0
        case 2: participants = field.value != 0
        case 3 where field.bytes.isEmpty: roles.append(Int32(truncatingIfNeeded: field.value))
        case 3: roles += try OptionReader.varints(field.bytes).map(Int32.init(truncatingIfNeeded:))
        case 4: services.append(String(decoding: field.bytes, as: UTF8.self))
        case 5: certificate = field.value != 0
        default: throw GenerationError("access.proto has field \(field.number), unknown here")
        }
      }
    }
  }
}

/// Reads the few wire types that the options use.
enum OptionReader {
  struct Field {
    let number: Int
    var value: UInt64 = 0
    var bytes = Data()
  }

  static func messages(_ number: Int, in data: Data) throws -> [Data] {
    try fields(data).filter { $0.number == number }.map(\.bytes)
  }

  static func varints(_ data: Data) throws -> [UInt64] {
    var rest = data[...]
    var values: [UInt64] = []
    while !rest.isEmpty { values.append(try varint(&rest)) }
    return values
  }

  static func fields(_ data: Data) throws -> [Field] {
    var rest = data[...]
    var fields: [Field] = []
    while !rest.isEmpty {
      let tag = try varint(&rest)
      var field = Field(number: Int(tag >> 3))
      switch tag & 7 {
      case 0: field.value = try varint(&rest)
      case 2:
        let count = Int(try varint(&rest))
        guard count <= rest.count else { throw GenerationError("an option is cut short") }
        field.bytes = Data(rest.prefix(count))
        rest = rest.dropFirst(count)
      default: throw GenerationError("an option has wire type \(tag & 7)")
      }
      fields.append(field)
    }
    return fields
  }

  private static func varint(_ rest: inout Data.SubSequence) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw GenerationError("an option is cut short") }
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return value }
    }
    throw GenerationError("an option has a number of more than 64 bits")
  }
}
