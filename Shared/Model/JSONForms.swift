/// The form a value has in proto3 JSON where it is not the one its own type would take.
protocol JSONForm: Codable {
  associatedtype Value
  init(_ value: Value)
  var value: Value { get }
}

typealias JSONIntegerValue = FixedWidthInteger & Codable & Sendable

/// An integer: a number up to 32 bits and a string of digits above; either is read.
struct JSONInteger<Value: JSONIntegerValue>: JSONForm {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      guard let value = Value(text) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "not an integer of \(Value.bitWidth) bits")
      }
      self.value = value
    } else {
      value = try container.decode(Value.self)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if Value.bitWidth > 32 {
      try container.encode(value.description)
    } else {
      try container.encode(value)
    }
  }
}

/// A floating-point number, with "NaN", "Infinity" and "-Infinity" as strings.
struct JSONFloating<Value: BinaryFloatingPoint & LosslessStringConvertible & Codable>: JSONForm {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let text = try? container.decode(String.self) else {
      value = try container.decode(Value.self)
      return
    }
    switch text {
    case "NaN": value = .nan
    case "Infinity": value = .infinity
    case "-Infinity": value = -.infinity
    default:
      guard let number = Value(text), number.isFinite else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a number")
      }
      value = number
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isNaN {
      try container.encode("NaN")
    } else if value.isInfinite {
      try container.encode(value < 0 ? "-Infinity" : "Infinity")
    } else {
      try container.encode(value)
    }
  }
}

/// Bytes as base64.
struct JSONBytes: JSONForm {
  let value: [UInt8]

  init(_ value: [UInt8]) {
    self.value = value
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let bytes = Base64.decode(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not base64")
    }
    value = bytes
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Base64.encode(value))
  }
}

/// A duration as decimal seconds with the suffix "s".
struct JSONDuration: JSONForm {
  let value: Duration

  init(_ value: Duration) {
    self.value = value
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self.parse(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a duration")
    }
    self.value = value
  }

  func encode(to encoder: any Encoder) throws {
    let (seconds, attoseconds) = value.components
    let nanoseconds = (attoseconds / 1_000_000_000).magnitude
    let sign = seconds < 0 || attoseconds < 0 ? "-" : ""
    var text = "\(sign)\(seconds.magnitude)"
    if nanoseconds > 0 {
      let digits = String(nanoseconds)
      text += "." + String(repeating: "0", count: 9 - digits.count) + digits
    }
    var container = encoder.singleValueContainer()
    try container.encode(text + "s")
  }

  private static func parse(_ text: String) -> Duration? {
    guard text.hasSuffix("s") else { return nil }
    let isNegative = text.hasPrefix("-")
    let number = text.dropFirst(isNegative ? 1 : 0).dropLast()
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    let isDecimal = parts.allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    guard isDecimal, parts.count <= 2, let seconds = Int64(parts[0]), seconds <= 315_576_000_000
    else { return nil }
    var nanoseconds: Int64 = 0
    if parts.count == 2 {
      let digits = parts[1]
      guard digits.count <= 9,
        let value = Int64(digits + String(repeating: "0", count: 9 - digits.count))
      else { return nil }
      nanoseconds = value
    }
    let duration = Duration.seconds(seconds) + .nanoseconds(nanoseconds)
    return isNegative ? .zero - duration : duration
  }
}

/// A name in the protos, or the number of a value that they do not define.
extension ProtoEnum {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let name = try? container.decode(String.self) else {
      self.init(rawValue: try container.decode(Int32.self))
      return
    }
    guard let value = Self(protoName: name) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\(name) is not a value of this enumeration")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let protoName {
      try container.encode(protoName)
    } else {
      try container.encode(rawValue)
    }
  }
}
