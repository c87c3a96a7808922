import Codec
import Model

/// `grpc-status-details-bin`: a `google.rpc.Status` with the details of `google.rpc`, in unpadded base64.
enum StatusDetails {
  /// The header value for a status with details.
  static func encode(_ status: RPCStatus) -> String {
    let message = GoogleRPC.Status(
      code: Int32(status.code.rawValue), message: status.message,
      details: status.details.map(messages) ?? [])
    return Base64.encodeUnpadded(message.serialized())
  }

  /// Nil when the value is not what `encode` makes; details of kinds that we do not know are passed over.
  static func decode(_ text: String) -> ErrorDetails? {
    guard let bytes = Base64.decode(text), let status = try? GoogleRPC.Status.decode(bytes) else {
      return nil
    }
    let info: GoogleRPC.ErrorInfo? = first(in: status)
    let request: GoogleRPC.BadRequest? = first(in: status)
    let retry: GoogleRPC.RetryInfo? = first(in: status)
    let localized: GoogleRPC.LocalizedMessage? = first(in: status)
    guard info != nil || request != nil || retry != nil || localized != nil else { return nil }
    return ErrorDetails(
      reason: info?.reason ?? "", domain: info?.domain ?? "", metadata: info?.metadata ?? [:],
      violations: request?.fieldViolations.map { violation in
        FieldViolation(
          field: violation.field, rule: violation.reason,
          text: Text(
            vi: violation.localizedMessage?.message ?? violation.description,
            en: violation.description))
      } ?? [],
      localizedMessage: localized?.message,
      language: localized.flatMap { Language(rawValue: $0.locale) } ?? .en,
      retryAfterMilliseconds: retry?.retryDelay.map { delay in
        delay.components.seconds * 1000 + delay.components.attoseconds / 1_000_000_000_000_000
      })
  }

  private static func messages(_ details: ErrorDetails) -> [GoogleProtobuf.AnyMessage] {
    var messages = [
      any(
        GoogleRPC.ErrorInfo(
          reason: details.reason, domain: details.domain, metadata: details.metadata))
    ]
    if !details.violations.isEmpty {
      messages.append(any(GoogleRPC.BadRequest(fieldViolations: details.violations.map(violation))))
    }
    if let milliseconds = details.retryAfterMilliseconds {
      messages.append(any(GoogleRPC.RetryInfo(retryDelay: .milliseconds(milliseconds))))
    }
    if let text = details.localizedMessage {
      let locale = details.language.rawValue
      messages.append(any(GoogleRPC.LocalizedMessage(locale: locale, message: text)))
    }
    return messages

    func violation(_ violation: FieldViolation) -> GoogleRPC.BadRequest.FieldViolation {
      GoogleRPC.BadRequest.FieldViolation(
        field: violation.field, description: violation.text.en, reason: violation.rule,
        localizedMessage: GoogleRPC.LocalizedMessage(
          locale: details.language.rawValue, message: violation.text[details.language]))
    }
  }

  private static let prefix = "type.googleapis.com/"

  private static func any(_ message: some WireMessage) -> GoogleProtobuf.AnyMessage {
    GoogleProtobuf.AnyMessage(
      typeURL: prefix + type(of: message).messageName, value: message.serialized())
  }

  private static func first<Message: WireMessage>(in status: GoogleRPC.Status) -> Message? {
    status.details.lazy.filter { $0.typeURL == prefix + Message.messageName }
      .compactMap { try? Message.decode($0.value) }.first
  }
}
