import SwiftProtobufPluginLibrary

/// How names of the protos are written in Swift.
enum SwiftName {
  /// The caseless enum that holds a package: `ndx.settlement.v1` becomes `SettlementV1`.
  static func namespace(_ package: String) -> String {
    switch package {
    case "google.rpc": return "GoogleRPC"
    case "google.protobuf": return "GoogleProtobuf"
    default:
      return package.split(separator: ".").dropFirst().map { upperFirst(alphaVersion($0)) }.joined()
    }
  }

  /// `SettlementV1.PlaceOrderRequest`.
  static func type(_ message: Descriptor) -> String {
    qualified(message.name, message.containingType, message.file)
  }

  static func type(_ enumeration: EnumDescriptor) -> String {
    qualified(enumeration.name, enumeration.containingType, enumeration.file)
  }

  /// The name inside the enclosing type.
  static func local(_ name: String) -> String {
    name == "Any" ? "AnyMessage" : name
  }

  private static func qualified(_ name: String, _ outer: Descriptor?, _ file: FileDescriptor)
    -> String
  {
    let scope = outer.map(type) ?? namespace(file.package)
    return "\(scope).\(local(name))"
  }

  private static func alphaVersion(_ part: Substring) -> String {
    part == "v1alpha" ? "v1Alpha" : String(part)
  }

  private static let initialisms: [String: String] = [
    "id": "ID", "ids": "IDs", "uri": "URI", "uris": "URIs", "url": "URL", "urls": "URLs",
    "csr": "CSR", "der": "DER", "pem": "PEM", "jwt": "JWT", "jwks": "JWKS", "json": "JSON",
    "tls": "TLS", "ip": "IP", "uuid": "UUID", "sql": "SQL", "http": "HTTP", "sha256": "SHA256",
  ]

  /// `offer_id` becomes `offerID`, `manifest_sha256` `manifestSHA256`, `uri` stays `uri`.
  static func property(_ name: String) -> String {
    let parts = name.split(separator: "_").map(String.init)
    let tail = parts.dropFirst().map { initialisms[$0.lowercased()] ?? upperFirst($0) }
    return (parts.first ?? "").lowercasedFirst + tail.joined()
  }

  /// `ORDER_STATE_AWAITING_FUNDS` of `OrderState` becomes `awaitingFunds`.
  static func enumCase(_ value: EnumValueDescriptor, in enumeration: EnumDescriptor) -> String {
    let prefix = upperSnake(enumeration.name) + "_"
    let name =
      value.name.hasPrefix(prefix) ? String(value.name.dropFirst(prefix.count)) : value.name
    let parts = name.lowercased().split(separator: "_").map(String.init)
    let tail = parts.dropFirst().map { initialisms[$0] ?? upperFirst($0) }
    let result = (parts.first ?? "") + tail.joined()
    return result.first?.isNumber == true ? "value" + result : result
  }

  static func upperFirst(_ name: String) -> String {
    name.prefix(1).uppercased() + name.dropFirst()
  }

  static func upperSnake(_ name: String) -> String {
    var result = ""
    var previousIsLower = false
    for character in name {
      if character.isUppercase, previousIsLower { result += "_" }
      result += character.uppercased()
      previousIsLower = character.isLowercase || character.isNumber
    }
    return result
  }

  /// The name, in backticks if Swift reserves it.
  static func escaped(_ name: String) -> String {
    keywords.contains(name) ? "`\(name)`" : name
  }

  private static let keywords: Set<String> = [
    "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import",
    "init", "inout", "internal", "let", "operator", "private", "protocol", "public", "rethrows",
    "static", "struct", "subscript", "typealias", "var", "break", "case", "continue", "default",
    "defer", "do", "else", "fallthrough", "for", "guard", "if", "in", "repeat", "return", "switch",
    "where", "while", "as", "catch", "false", "is", "nil", "super", "self", "throw", "throws",
    "true", "try",
  ]
}

/// How protoc-gen-c writes names of the protos in C.
enum CName {
  /// `ndx.type.v1.LocalizedText` becomes `Ndx__Type__V1__LocalizedText`.
  static func structure(_ fullName: String) -> String {
    fullName.split(separator: ".").map { camel(String($0)) }.joined(separator: "__")
  }

  /// `ndx.type.v1.LocalizedText` becomes `ndx__type__v1__localized_text`.
  static func function(_ fullName: String) -> String {
    fullName.split(separator: ".").map { lower(String($0)) }.joined(separator: "__")
  }

  /// The member of the struct, which Swift sees without backticks.
  static func member(_ name: String) -> String {
    let lowered = name.lowercased()
    return keywords.contains(lowered) ? lowered + "_" : lowered
  }

  /// The member that says which field of a oneof is set.
  static func oneofCase(_ name: String) -> String { lower(name) + "_case" }

  private static func camel(_ name: String) -> String {
    name.split(separator: "_").map { SwiftName.upperFirst(String($0)) }.joined()
  }

  private static func lower(_ name: String) -> String {
    var result = ""
    var previousIsUpper = true
    for character in name {
      if character.isUppercase, !previousIsUpper { result += "_" }
      result += character.lowercased()
      previousIsUpper = character.isUppercase
    }
    return result
  }

  private static let keywords: Set<String> = [
    "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
    "class", "compl", "const", "const_cast", "continue", "default", "delete", "do", "double",
    "dynamic_cast", "else", "enum", "explicit", "extern", "false", "float", "for", "friend", "goto",
    "if", "inline", "int", "long", "mutable", "namespace", "new", "not", "not_eq", "operator", "or",
    "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "return", "short",
    "signed", "sizeof", "static", "static_cast", "struct", "switch", "template", "this", "throw",
    "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void",
    "volatile", "wchar_t", "while", "xor", "xor_eq",
  ]
}

extension String {
  var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
