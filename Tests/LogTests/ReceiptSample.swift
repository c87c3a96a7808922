import Crypto
import Model
import TransparencyLog

/// A log of a few entries in the form of this exchange, its key, and receipts of it.
struct ReceiptSample {
  let signer: NoteSigner
  let entries: [[UInt8]]
  let tree: StoredTiles

  init(_ count: Int) throws {
    signer = try NoteSigner(name: "ndx.local/audit", key: .generate())
    entries = try (0..<count).map { index in
      let details = EntryDetails(
        actor: "participant/\(index)", subjects: ["order/\(index)"], payload: Array("{}".utf8))
      return try EntryBody(
        eventID: EventID(high: 1, low: UInt64(index)), kind: "order.placed", isAccepted: true,
        detailsHash: details.commitment(salt: Random.bytes(32)), producer: "settlement",
        producerSequence: Int64(index) + 1, time: Timestamp(microseconds: Int64(index)),
        traceparent: ""
      ).bytes
    }
    tree = StoredTiles(entries)
  }

  func checkpoint() throws -> String {
    let checkpoint = Checkpoint(
      origin: "ndx.local/audit", size: entries.count, root: tree.edge.root)
    return try signer.sign(checkpoint.text).description
  }

  func receipt(_ index: Int) throws -> Receipt {
    var reader = tree.reader
    let proof = LogProof(
      index: index, hashes: try reader.inclusionProof(index: index, size: entries.count),
      checkpoint: try checkpoint())
    return Receipt(proof: proof.description.utf8, entry: entries[index])
  }
}
