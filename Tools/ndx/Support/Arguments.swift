import ArgumentParser
import Model

extension Identifier: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension Language: ExpressibleByArgument {
  package init?(argument: String) { self.init(rawValue: argument) }
}

/// RFC 3339, such as `2026-12-01T00:00:00+07:00`.
extension Timestamp: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

/// A value of a proto enumeration as an argument: `AGENCY` of `PARTICIPANT_KIND_AGENCY` is `agency`.
struct Named<Value: ProtoEnum>: ExpressibleByArgument {
  let value: Value

  init(_ value: Value) { self.value = value }

  init?(argument: String) {
    let name = argument.uppercased().split(separator: "-").joined(separator: "_")
    guard let value = Value(protoName: Value.protoPrefix + name), value.rawValue != 0 else {
      return nil
    }
    self.value = value
  }

  var defaultValueDescription: String { value.argumentName }

  static var allValueStrings: [String] {
    Value.allCases.filter { $0.rawValue != 0 }.map(\.argumentName)
  }
}

extension ProtoEnum {
  /// What the names of all values start with: value 0 is always `…_UNSPECIFIED`.
  static var protoPrefix: String {
    String((Self(rawValue: 0).protoName ?? "").dropLast("UNSPECIFIED".count))
  }

  /// The argument that gives this value; empty for none, the number when it is not defined.
  var argumentName: String {
    guard rawValue != 0 else { return "" }
    guard let name = protoName else { return "\(rawValue)" }
    return name.dropFirst(Self.protoPrefix.count).lowercased().split(separator: "_")
      .joined(separator: "-")
  }
}

/// An amount of money in major units and a currency, such as `2000000 VND` or `19.99 USD`.
struct MoneyArgument: ExpressibleByArgument {
  let money: Money

  init?(argument: String) {
    let parts = argument.split(whereSeparator: \.isWhitespace)
    guard (1...2).contains(parts.count),
      let currency = parts.count == 2 ? Currency(parts[1].uppercased()) : .vnd
    else { return nil }
    let digits = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = digits.count > 1 ? digits[1] : ""
    guard digits.count <= 2, fraction.count <= currency.exponent,
      let minorUnits = Int64(
        digits[0] + fraction + String(repeating: "0", count: currency.exponent - fraction.count))
    else { return nil }
    money = Money(currency: currency, minorUnits: minorUnits)
  }
}

/// One part of a split: `provider=70`, or `intermediary:PARTICIPANT=5` for a named participant.
struct ShareArgument: ExpressibleByArgument {
  let share: TypeV1.SplitShare

  init?(argument: String) {
    let sides = argument.split(separator: "=")
    guard sides.count == 2, let weight = Int32(sides[1]) else { return nil }
    let who = sides[0].split(separator: ":", maxSplits: 1)
    guard let beneficiary = Named<TypeV1.Beneficiary>(argument: String(who[0]))?.value else {
      return nil
    }
    var participant: ParticipantID?
    if who.count == 2 {
      guard let id = ParticipantID(who[1]) else { return nil }
      participant = id
    }
    share = TypeV1.SplitShare(
      beneficiary: beneficiary, participantID: participant, weight: weight)
  }
}
