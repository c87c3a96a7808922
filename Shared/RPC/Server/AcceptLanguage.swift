import Model

extension Language {
  /// The language that an `accept-language` value prefers among ours; nil when it names neither (RFC 9110, 12.5.4).
  init?(acceptLanguage text: String) {
    var best: (language: Language, weight: Double)?
    for item in text.split(separator: ",").prefix(16) {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
      guard let tag = parts.first?.split(separator: "-").first,
        let language = Language(rawValue: String(tag))
      else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap {
        Double($0.dropFirst(2))
      }
      if weight ?? 1 > best?.weight ?? 0 { best = (language, weight ?? 1) }
    }
    guard let best else { return nil }
    self = best.language
  }

  /// As above, without a String for a value that is nothing but the tag of one of ours, as our own clients send.
  init?(acceptLanguage value: UnsafeRawBufferPointer) {
    if value.equals("vi") {
      self = .vi
    } else if value.equals("en") {
      self = .en
    } else {
      self.init(acceptLanguage: String(decoding: value, as: UTF8.self))
    }
  }
}
