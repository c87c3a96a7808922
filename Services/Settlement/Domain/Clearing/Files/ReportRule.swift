package import Model

/// Why a bank's report is refused as a whole. The raw value is the stable reason.
package enum ReportRule: String, Sendable, Hashable, CaseIterable {
  case malformed = "REPORT_MALFORMED"
  case doctype = "REPORT_DOCTYPE_REFUSED"
  case limit = "REPORT_LIMIT_EXCEEDED"
  case kindUnknown = "REPORT_KIND_UNKNOWN"
  case fieldMissing = "REPORT_FIELD_MISSING"
  case fieldInvalid = "REPORT_FIELD_INVALID"
  case totals = "REPORT_TOTALS_MISMATCH"

  package var status: StatusCode {
    switch self {
    default: .invalidArgument
    }
  }

  package var text: Text {
    switch self {
    case .malformed:
      Text(vi: "Tệp không phải XML hợp lệ.", en: "The file is not well-formed XML.")
    case .doctype:
      Text(
        vi: "Không nhận tệp có khai báo kiểu tài liệu hoặc chỉ thị xử lý.",
        en: "A file with a document type or processing instruction is not accepted.")
    case .limit:
      Text(vi: "Tệp vượt giới hạn.", en: "The file is nested too deep or has too many elements.")
    case .kindUnknown:
      Text(
        vi: "Chỉ nhận pain.002, camt.053 và camt.054.",
        en: "Only pain.002, camt.053 and camt.054 are accepted.")
    case .fieldMissing:
      Text(vi: "Tệp thiếu một phần tử bắt buộc.", en: "An element that is needed is missing.")
    case .fieldInvalid:
      Text(vi: "Một phần tử có giá trị không hợp lệ.", en: "The value of an element is not valid.")
    case .totals:
      Text(
        vi: "Số dư đầu kỳ, các bút toán và số dư cuối kỳ không khớp.",
        en: "Opening balance, entries and closing balance do not agree.")
    }
  }
}

/// Where in a report a rule is broken.
package struct ReportFault: Error, Sendable, Hashable {
  package let rule: ReportRule
  package let line: Int
  package let element: String

  package init(_ rule: ReportRule, line: Int, element: String) {
    self.rule = rule
    self.line = line
    self.element = element
  }

  init(_ rule: ReportRule, _ element: XMLElement, _ name: String? = nil) {
    self.init(rule, line: element.line, element: name ?? element.name)
  }
}
