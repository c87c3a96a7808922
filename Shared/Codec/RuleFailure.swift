import Model

/// The first rule that a message breaks, with the path as far as it is known.
struct RuleFailure: Error {
  private(set) var field: String
  let rule: String
  let text: Text

  init(_ field: String = "", _ rule: String, vi: String, en: String) {
    self.field = field
    self.rule = rule
    text = Text(vi: vi, en: en)
  }

  var violation: FieldViolation { FieldViolation(field: field, rule: rule, text: text) }

  /// The same failure seen from the message that holds the field `name`.
  func inside(_ name: String, index: Int? = nil) -> RuleFailure {
    var outer = self
    let place = index.map { "\(name)[\($0)]" } ?? name
    outer.field = field.isEmpty ? place : field.first == "[" ? place + field : "\(place).\(field)"
    return outer
  }
}

/// The rules of values, named after buf.validate where it has an equivalent.
extension RuleFailure {
  static func required(_ field: String) -> RuleFailure {
    RuleFailure(field, "required", vi: "Trường này là bắt buộc.", en: "This field is required.")
  }

  static func identifier(_ field: String) -> RuleFailure {
    RuleFailure(
      field, "string.uuid", vi: "Phải là UUID viết thường ở dạng chuẩn.",
      en: "Must be a lower-case UUID in canonical form.")
  }

  static func minimumLength(_ field: String, _ count: Int) -> RuleFailure {
    RuleFailure(
      field, "string.min_len", vi: "Phải có ít nhất \(count) ký tự.",
      en: "Must have at least \(count) characters.")
  }

  static func maximumLength(_ field: String, _ count: Int) -> RuleFailure {
    RuleFailure(
      field, "string.max_len", vi: "Không được quá \(count) ký tự.",
      en: "Must have at most \(count) characters.")
  }

  static func byteCount(_ field: String, _ count: Int) -> RuleFailure {
    RuleFailure(
      field, "bytes.len", vi: "Phải dài đúng \(count) byte.", en: "Must be exactly \(count) bytes.")
  }

  static func maximumByteCount(_ field: String, _ count: Int) -> RuleFailure {
    RuleFailure(
      field, "bytes.max_len", vi: "Không được quá \(count) byte.",
      en: "Must be at most \(count) bytes.")
  }

  static func smallest(_ field: String, _ value: some BinaryInteger) -> RuleFailure {
    RuleFailure(
      field, "integer.gte", vi: "Phải lớn hơn hoặc bằng \(value).",
      en: "Must be at least \(value).")
  }

  static func largest(_ field: String, _ value: some BinaryInteger) -> RuleFailure {
    RuleFailure(
      field, "integer.lte", vi: "Phải nhỏ hơn hoặc bằng \(value).", en: "Must be at most \(value).")
  }

  static func undefinedValue(_ field: String) -> RuleFailure {
    RuleFailure(
      field, "enum.defined_only", vi: "Giá trị này không được định nghĩa.",
      en: "This value is not defined.")
  }

  static func minimumItems(_ field: String, _ count: Int) -> RuleFailure {
    RuleFailure(
      field, "repeated.min_items", vi: "Phải có ít nhất \(count) mục.",
      en: "Must have at least \(count) items.")
  }

  static func maximumItems(_ field: String, _ count: Int) -> RuleFailure {
    RuleFailure(
      field, "repeated.max_items", vi: "Không được quá \(count) mục.",
      en: "Must have at most \(count) items.")
  }

  static func timestamp(_ field: String) -> RuleFailure {
    RuleFailure(
      field, "timestamp.range", vi: "Phải là thời điểm trong các năm 1 đến 9999.",
      en: "Must be a time in the years 1 to 9999.")
  }

  static func duration(_ field: String) -> RuleFailure {
    RuleFailure(
      field, "duration.range", vi: "Phải là khoảng thời gian hợp lệ dưới 10.000 năm.",
      en: "Must be a well-formed duration below 10,000 years.")
  }

  static func format(_ field: String, _ format: TextFormat) -> RuleFailure {
    RuleFailure(field, format.rule, vi: format.text.vi, en: format.text.en)
  }
}

/// The rules of the encoding itself, checked before anything is unpacked.
extension RuleFailure {
  static let malformed = RuleFailure(
    "wire.malformed", vi: "Thông điệp bị cắt cụt hoặc không đúng định dạng protobuf.",
    en: "The message is cut short or is not well-formed protobuf.")
  static let group = RuleFailure(
    "wire.group", vi: "Không chấp nhận nhóm (group) của protobuf.",
    en: "Protobuf groups are not accepted.")
  static let wireType = RuleFailure(
    "wire.type", vi: "Kiểu mã hoá không khớp với kiểu của trường.",
    en: "The wire type does not match the type of the field.")
  static let nesting = RuleFailure(
    "wire.nesting", vi: "Không được lồng nhau quá \(CodecLimits.nesting) cấp.",
    en: "Must be nested at most \(CodecLimits.nesting) deep.")
  static let elements = RuleFailure(
    "wire.elements", vi: "Thông điệp có quá nhiều phần tử.",
    en: "The message has too many elements.")
  static let merges = RuleFailure(
    "wire.merges", vi: "Trường này lặp lại quá nhiều lần.",
    en: "This field is repeated too often.")
  static let invalidUTF8 = RuleFailure(
    "string.utf8", vi: "Phải là UTF-8 hợp lệ.", en: "Must be valid UTF-8.")
  static let nul = RuleFailure(
    "string.nul", vi: "Không được chứa ký tự NUL.", en: "Must not contain a NUL character.")

  private init(_ rule: String, vi: String, en: String) {
    self.init("", rule, vi: vi, en: en)
  }
}
