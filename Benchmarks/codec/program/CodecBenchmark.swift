import Codec
import Foundation
import Generated
import Model
import SwiftProtobuf

/// Prints, for each message, what encoding and decoding cost with our codec and with swift-protobuf's generated code, one
/// line of tab-separated figures each. `decode|encode MESSAGE COUNT` does only that with our codec, for profilers.
@main enum CodecBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.count == 4, let count = Int(arguments[3]) {
      return try profile(arguments[1], arguments[2], count)
    }
    try compare("PlaceOrderRequest", Values.placeOrder, Ndx_Settlement_V1_PlaceOrderRequest.self)
    try compare("Order", try Values.order(), Ndx_Settlement_V1_Order.self)
    try compare(
      "SubmitTransfersRequest, 8,000 transfers", Values.submit,
      Ndx_Settlement_V1_SubmitTransfersRequest.self)
    try compare(
      "SubmitTransfersResponse, 8,000 results", Values.submitted,
      Ndx_Settlement_V1_SubmitTransfersResponse.self)
  }

  private static func compare<Ours: WireMessage, Theirs: SwiftProtobuf.Message & Equatable>(
    _ name: String, _ value: Ours, _ type: Theirs.Type
  ) throws {
    let bytes = value.serialized()
    let theirs = try Theirs(serializedBytes: bytes)
    let theirBytes: [UInt8] = try theirs.serializedBytes()
    // The same message on both sides, or the comparison is worth nothing.
    guard try Ours.decode(theirBytes) == value, theirBytes == bytes else {
      throw Failure.differs(name)
    }
    let decoding = try Measurement.alternate(
      { consume(try Ours.decode(bytes)) }, { consume(try Theirs(serializedBytes: bytes)) })
    let encoding = try Measurement.alternate(
      { consume(value.serialized()) }, { consume(try theirs.serializedBytes() as [UInt8]) })
    for (what, costs) in [("decode", decoding), ("encode", encoding)] {
      let figures = [
        costs.ours.nanoseconds, costs.theirs.nanoseconds, costs.ours.allocations,
        costs.theirs.allocations,
      ]
      print(([name, what, "\(bytes.count)"] + figures.map { "\($0)" }).joined(separator: "\t"))
    }
  }

  private static func profile(_ what: String, _ name: String, _ count: Int) throws {
    func run<Message: WireMessage>(_ value: Message) throws {
      let bytes = value.serialized()
      for _ in 0..<count {
        if what == "decode" {
          consume(try Message.decode(bytes))
        } else {
          consume(value.serialized())
        }
      }
    }
    switch name {
    case "PlaceOrderRequest": try run(Values.placeOrder)
    case "Order": try run(Values.order())
    case "SubmitTransfersRequest": try run(Values.submit)
    case "SubmitTransfersResponse": try run(Values.submitted)
    default: throw Failure.unknown(name)
    }
  }

  private enum Failure: Error {
    case differs(String)
    case unknown(String)
  }
}
