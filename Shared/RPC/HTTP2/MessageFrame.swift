import Codec
import Model

/// gRPC's length-prefixed message: one byte of compression flag, four bytes of length, the message.
enum MessageFrame {
  static let prefixBytes = 5

  /// The message with its prefix, in one allocation.
  static func framed(_ message: some WireMessage) -> [UInt8] {
    var bytes = message.serialized(reserving: prefixBytes)
    let length = UInt32(bytes.count - prefixBytes).bigEndian
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: 1, as: UInt32.self) }
    return bytes
  }
}

/// Why a stream of bytes is not a stream of acceptable messages.
enum MessageFault: Error, Equatable {
  /// The flag byte is neither 0 nor 1.
  case invalidFlag(UInt8)
  /// The flag says compressed; the stream declared no encoding that we know.
  case compressed
  case tooLong(announced: Int, limit: Int)

  var status: RPCStatus {
    switch self {
    case .invalidFlag(let flag):
      RPCStatus(code: .internal, message: "message prefix has compression flag \(flag)")
    case .compressed:
      RPCStatus(code: .internal, message: "compressed message without a known grpc-encoding")
    case .tooLong(let announced, let limit):
      RPCStatus(
        code: .resourceExhausted,
        message: "message of \(announced) bytes is longer than the limit of \(limit)")
    }
  }
}

/// Cuts the bytes of one direction of a stream into messages.
/// Memory grows with what has arrived, not with what a prefix announces.
struct MessageReader {
  private static let initialReservation = 16 << 10

  let maximumBytes: Int
  private var prefix: UInt64 = 0
  private var prefixCount = 0
  private var body: [UInt8] = []
  private var remaining = 0

  init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

  /// Memory taken by a message that is still arriving.
  var heldBytes: Int { body.capacity }

  /// Whether no message has begun without ending.
  var isBetweenMessages: Bool { prefixCount == 0 }

  /// Takes the next bytes and hands on every message they complete.
  mutating func read(
    _ chunk: UnsafeRawBufferPointer, deliver: ([UInt8]) -> Void
  ) throws(MessageFault) {
    var position = 0
    while true {
      while prefixCount < MessageFrame.prefixBytes {
        guard position < chunk.count else { return }
        prefix = prefix << 8 | UInt64(chunk[position])
        prefixCount += 1
        position += 1
        if prefixCount == MessageFrame.prefixBytes { try begin() }
      }
      let taken = min(remaining, chunk.count - position)
      body.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[position..<position + taken]))
      position += taken
      remaining -= taken
      guard remaining == 0 else { return }
      let message = body
      body = []
      prefixCount = 0
      deliver(message)
    }
  }

  private mutating func begin() throws(MessageFault) {
    let flag = UInt8(truncatingIfNeeded: prefix >> 32)
    guard flag <= 1 else { throw .invalidFlag(flag) }
    guard flag == 0 else { throw .compressed }
    remaining = Int(UInt32(truncatingIfNeeded: prefix))
    guard remaining <= maximumBytes else {
      throw .tooLong(announced: remaining, limit: maximumBytes)
    }
    body.reserveCapacity(min(remaining, Self.initialReservation))
  }
}
