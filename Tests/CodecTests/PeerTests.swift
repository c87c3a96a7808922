import Foundation
import Testing

@testable import Codec
@testable import Model

/// The codec against Google's protobuf for Python, over every message of the protos and every kind
/// of field. The seed is fixed; `NDX_CODEC_SEED` sets another.
@Suite(
  .enabled(
    if: PythonPeer.interpreter != nil, "Python with protobuf could not be set up by pip"),
  .serialized)
struct PeerTests {
  private static let ownTypes: [any WireMessage.Type] = [
    CodectestV1.Kitchen.self, CodectestV1.Kitchen.Spice.self, CodectestV1.Strict.self,
  ]
  private let seed = ProcessInfo.processInfo.environment["NDX_CODEC_SEED"].flatMap(Int.init) ?? 1
  private let peer: PythonPeer

  init() throws {
    peer = try PythonPeer(ProtoFile.all + [.ndxCodectestV1Kitchen])
  }

  @Test func everyMessageKeepsItsMeaningBothWays() throws {
    for type in WireMessages.all { try roundTrip(type, count: 8) }
  }

  @Test func everyKindOfFieldKeepsItsMeaningBothWays() throws {
    for type in Self.ownTypes { try roundTrip(type, count: 120) }
  }

  @Test func whatProtobufRefusesIsRefused() throws {
    for type in Self.ownTypes + [SettlementV1.Order.self, CatalogV1.Offer.self] {
      let samples: [Mutation] = try peer.ask(
        Question("mutate", type.messageName, seed: seed, count: 400))
      for sample in samples where !sample.parses {
        #expect(throws: InvalidArgument.self, "\(type.messageName) \(sample.bytes)") {
          _ = try type.decode([UInt8](sample.bytes))
        }
      }
      // What parses may still break a rule; it must only not crash.
      for sample in samples { _ = try? type.decode([UInt8](sample.bytes)) }
    }
  }

  private func roundTrip<Message: WireMessage>(_ type: Message.Type, count: Int) throws {
    let name = type.messageName
    let samples: [Sample] = try peer.ask(Question("generate", name, seed: seed, count: count))
    #expect(samples.count == count)
    for sample in samples {
      let message: Message
      do {
        message = try Message.decode([UInt8](sample.bytes))
      } catch let error as InvalidArgument {
        Issue.record("\(name), seed \(seed): \(error.text.en) \(sample.json ?? "")")
        continue
      }
      let encoded = message.serialized()
      let place: Comment = "\(name), seed \(seed): \(sample.json ?? "")"
      #expect(message.serialized(reserving: 5) == [0, 0, 0, 0, 0] + encoded)
      #expect(try Message.decode(encoded) == message, place)
      var json: String?
      if let text = sample.json {
        let fromJSON = try JSONDecoder().decode(Message.self, from: Data(text.utf8))
        #expect(fromJSON == message, place)
        #expect(fromJSON.serialized() == encoded, place)
        json = String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
      }
      let wrong: [String] = try peer.ask(
        Check(type: name, original: sample.bytes, encoded: Data(encoded), json: json))
      #expect(wrong.isEmpty, "\(name), seed \(seed): \(wrong)")
    }
  }
}

private struct Question: Encodable {
  let `do`: String
  let type: String
  let seed: Int
  let count: Int

  init(_ action: String, _ type: String, seed: Int, count: Int) {
    self.do = action
    self.type = type
    self.seed = seed
    self.count = count
  }
}

private struct Sample: Decodable {
  let bytes: Data
  let json: String?
}

private struct Mutation: Decodable {
  let bytes: Data
  let parses: Bool
}

private struct Check: Encodable {
  var `do` = "check"
  let type: String
  let original: Data
  let encoded: Data
  let json: String?
}
