import SwiftProtobufPluginLibrary

/// Writes one enumeration, with a case that keeps values it does not define.
enum EnumWriter {
  static func write(_ enumeration: EnumDescriptor, to source: inout Source) {
    var byNumber: [Int32: EnumValueDescriptor] = [:]
    for value in enumeration.values where byNumber[value.number] == nil {
      byNumber[value.number] = value
    }
    let values = enumeration.values.filter { byNumber[$0.number] === $0 }
    func name(_ value: EnumValueDescriptor) -> String {
      SwiftName.enumCase(value, in: enumeration)
    }
    func escaped(_ value: EnumValueDescriptor) -> String { SwiftName.escaped(name(value)) }
    source.doc(ModelWriter.comment(enumeration))
    source.block("package enum \(enumeration.name): ProtoEnum") { source in
      for value in values {
        source.doc(ModelWriter.comment(value))
        source.line("case \(escaped(value))")
      }
      source.doc("A value that this build does not know.")
      source.line("case unrecognized(Int32)")
      source.line()
      let cases = values.map { ".\(escaped($0))" }.joined(separator: ", ")
      source.doc("The values that the proto defines.")
      source.line("package static var allCases: [Self] { [\(cases)] }")
      source.line()
      source.block("package init(rawValue: Int32)") { source in
        source.block("switch rawValue") { source in
          for value in values { source.line("case \(value.number): self = .\(escaped(value))") }
          source.line("default: self = .unrecognized(rawValue)")
        }
      }
      source.line()
      source.block("package var rawValue: Int32") { source in
        source.block("switch self") { source in
          for value in values { source.line("case .\(escaped(value)): \(value.number)") }
          source.line("case .unrecognized(let value): value")
        }
      }
      source.line()
      source.block("package init?(protoName: String)") { source in
        source.block("switch protoName") { source in
          for value in enumeration.values {
            source.line(
              "case \"\(value.name)\": self = .\(escaped(byNumber[value.number] ?? value))")
          }
          source.line("default: return nil")
        }
      }
      source.line()
      source.block("package var protoName: String?") { source in
        source.block("switch self") { source in
          for value in values { source.line("case .\(escaped(value)): \"\(value.name)\"") }
          source.line("case .unrecognized: nil")
        }
      }
    }
    source.line()
  }
}
