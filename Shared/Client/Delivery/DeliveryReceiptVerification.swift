import Codec
package import Crypto
package import Model

/// Checks a delivery receipt with nothing but the roots of the exchange.
package enum DeliveryReceiptVerification {
  /// Throws `ClientError.verification` unless the statement names both parties and each of them
  /// signed it with a certificate that counted when the delivery was complete, or came after it.
  package static func verify(
    _ receipt: DeliveryV1.DeliveryReceipt, provider: ParticipantID, consumer: ParticipantID,
    trustDomain: String, anchors: [Certificate]
  ) throws {
    do {
      let statement = try DeliveryV1.DeliveryStatement.decode(receipt.statement)
      guard statement.providerID == provider, statement.consumerID == consumer else {
        throw ClientError.verification(.receipt(reason: "the statement names other parties"))
      }
      let signatures = [
        ("provider", receipt.provider, provider), ("consumer", receipt.consumer, consumer),
      ]
      for (end, signature, participant) in signatures {
        // A certificate renewed after the delivery was complete counts from its own beginning.
        let leaf = try signature.certificateChain.first.map { try Certificate(der: $0) }
        let signer = try DeliveryStatementSignature.verify(
          signature.signature, by: signature.certificateChain, under: receipt.statement,
          anchors: anchors, at: max(statement.completeTime, leaf?.notBefore ?? .earliest))
        let prefix = SPIFFEID.prefix(of: participant, trustDomain: trustDomain)
        guard signer.spiffeID?.hasPrefix(prefix) == true else {
          throw ClientError.verification(.receipt(reason: "the \(end)'s signature is another's"))
        }
      }
    } catch let error as CryptoError {
      throw ClientError.verification(.receipt(reason: "\(error)"))
    } catch let error as InvalidArgument {
      throw ClientError.verification(.receipt(reason: error.text.en))
    }
  }
}
