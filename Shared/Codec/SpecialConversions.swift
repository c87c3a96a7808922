import CMessages
import CProtobufC
import Model

/// `google.protobuf.Timestamp`; what is below a microsecond is dropped.
extension Timestamp: CConvertible {
  static func blank() -> Google__Protobuf__Timestamp {
    var cMessage = Google__Protobuf__Timestamp()
    google__protobuf__timestamp__init(&cMessage)
    return cMessage
  }

  init(_ cMessage: UnsafePointer<Google__Protobuf__Timestamp>) throws(RuleFailure) {
    let seconds = cMessage.pointee.seconds
    let nanoseconds = cMessage.pointee.nanos
    guard (0..<1_000_000_000).contains(nanoseconds),
      (-62_135_596_800...253_402_300_799).contains(seconds)
    else { throw .timestamp("") }
    self.init(microseconds: seconds * 1_000_000 + Int64(nanoseconds) / 1_000)
  }

  func fill(_ cMessage: inout Google__Protobuf__Timestamp, _ arena: inout Arena) {
    let remainder = microseconds % 1_000_000
    let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
    cMessage.seconds = (microseconds - fraction) / 1_000_000
    cMessage.nanos = Int32(fraction * 1_000)
  }
}

/// `google.protobuf.Duration`; what is below a nanosecond is dropped.
extension Duration: CConvertible {
  static func blank() -> Google__Protobuf__Duration {
    var cMessage = Google__Protobuf__Duration()
    google__protobuf__duration__init(&cMessage)
    return cMessage
  }

  init(_ cMessage: UnsafePointer<Google__Protobuf__Duration>) throws(RuleFailure) {
    let seconds = cMessage.pointee.seconds
    let nanoseconds = Int64(cMessage.pointee.nanos)
    guard (-315_576_000_000...315_576_000_000).contains(seconds),
      (-999_999_999...999_999_999).contains(nanoseconds),
      seconds == 0 || nanoseconds == 0 || (seconds < 0) == (nanoseconds < 0)
    else { throw .duration("") }
    self = .seconds(seconds) + .nanoseconds(nanoseconds)
  }

  func fill(_ cMessage: inout Google__Protobuf__Duration, _ arena: inout Arena) {
    let (seconds, attoseconds) = components
    cMessage.seconds = seconds
    cMessage.nanos = Int32(attoseconds / 1_000_000_000)
  }
}

/// `ndx.type.v1.Money`.
extension Money: CConvertible {
  static func blank() -> Ndx__Type__V1__Money {
    var cMessage = Ndx__Type__V1__Money()
    ndx__type__v1__money__init(&cMessage)
    return cMessage
  }

  init(_ cMessage: UnsafePointer<Ndx__Type__V1__Money>) throws(RuleFailure) {
    let code = cMessage.pointee.currency_code.buffer
    if code.isEmpty { throw .required("currency_code") }
    guard let currency = Currency(utf8: code) else { throw .format("currency_code", .currency) }
    self.init(currency: currency, minorUnits: cMessage.pointee.minor_units)
  }

  func fill(_ cMessage: inout Ndx__Type__V1__Money, _ arena: inout Arena) {
    cMessage.currency_code = arena.text(currency.code)
    cMessage.minor_units = minorUnits
  }
}
