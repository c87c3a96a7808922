/// What a witness answers over HTTP.
package struct WitnessAnswer: Sendable, Hashable {
  /// The content type of a 409: the body is a decimal number and a newline.
  package static let sizeType = "text/x.tlog.size"

  package let status: Int
  package let contentType: String
  package let body: [UInt8]

  package init(status: Int, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// 200 with signature lines.
  package init(cosignatures: [NoteSignature]) {
    self.init(
      status: 200, contentType: "text/plain; charset=utf-8",
      body: cosignatures.flatMap { Array($0.description.utf8) })
  }

  /// The answer for a decision that is not to cosign; nil for `cosign`.
  package init?(refusal decision: WitnessDecision) {
    switch decision {
    case .cosign: return nil
    case .malformed: self = Self.text(400, "the request is malformed")
    case .notSigned: self = Self.text(403, "no known key of the log has signed the checkpoint")
    case .unknownLog: self = Self.text(404, "the log is not known here")
    case .conflict(let size, _):
      self.init(status: 409, contentType: Self.sizeType, body: Array("\(size)\n".utf8))
    case .unproven: self = Self.text(422, "the consistency proof does not hold")
    }
  }

  package static func text(_ status: Int, _ line: String) -> WitnessAnswer {
    WitnessAnswer(
      status: status, contentType: "text/plain; charset=utf-8", body: Array("\(line)\n".utf8))
  }
}

/// What a log learns from an answer to its request.
package enum WitnessReply: Sendable, Hashable {
  /// The witness has cosigned the checkpoint.
  case cosigned(Cosignature)
  /// The newest checkpoint that it has cosigned has this size: not the old size of the request.
  case remembers(size: Int)
  /// The witness has seen another history than the one that the request proves.
  case contradiction
  /// The answer is none that the protocol knows, or refuses for a reason that has nothing to do with history.
  case unusable(String)

  /// Reads the answer of the witness with `key`.
  package init(_ answer: WitnessAnswer, to request: AddCheckpointRequest, of key: WitnessKey) {
    switch answer.status {
    case 200:
      let lines = (try? NoteSignature.lines(answer.body)) ?? []
      let own = lines.compactMap { key.cosignature($0, of: request.checkpoint.text) }
      self =
        own.max { $0.seconds < $1.seconds }.map { .cosigned($0) }
        ?? .unusable("no valid cosignature of \(key.name)")
    case 409:
      var scanner = TextScanner(answer.body[...])
      guard answer.contentType.utf8.elementsEqual(WitnessAnswer.sizeType.utf8),
        let size = scanner.line().flatMap({ Decimal.parse($0) }), scanner.isAtEnd
      else {
        self = .unusable("status 409 without a size")
        return
      }
      self = size == request.oldSize ? .contradiction : .remembers(size: size)
    case 422: self = .contradiction
    default: self = .unusable("status \(answer.status)")
    }
  }
}
