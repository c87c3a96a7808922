import Codec
import Model

/// gRPC's length-prefixed message: one byte of compression flag, four bytes of length, the message.
enum MessageFrame {
  static let prefixBytes = 5
  /// Shorter framed messages are not worth compressing: most of them fit a packet or two as they are.
  static let compressibleBytes = 1 << 10
  /// Longer messages, by their uncompressed length, are not compressed or decompressed on an event loop.
  static let loopBytes = 16 << 10

  /// The message with its prefix, in one allocation.
  static func framed(_ message: some WireMessage) -> [UInt8] {
    var bytes = message.serialized(reserving: prefixBytes)
    setLength(&bytes)
    return bytes
  }

  /// The framed message compressed, or as it is when that is no shorter.
  static func compressed(_ framed: [UInt8]) -> [UInt8] {
    let compressed = framed.withUnsafeBytes { framed in
      Gzip.compress(
        UnsafeRawBufferPointer(rebasing: framed[prefixBytes...]), reserving: prefixBytes)
    }
    guard var compressed else { return framed }
    compressed[0] = 1
    setLength(&compressed)
    return compressed
  }

  private static func setLength(_ framed: inout [UInt8]) {
    let length = UInt32(framed.count - prefixBytes).bigEndian
    framed.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: 1, as: UInt32.self) }
  }
}

/// Why a stream of bytes is not a stream of acceptable messages.
enum MessageFault: Error, Equatable {
  /// The flag byte is neither 0 nor 1.
  case invalidFlag(UInt8)
  /// The flag says compressed; the stream declared no encoding that we know.
  case compressed
  /// Compressed, but not into one whole gzip member: cut off, altered, or followed by something else.
  case corrupt
  case tooLong(announced: Int, limit: Int)

  var status: RPCStatus {
    switch self {
    case .invalidFlag(let flag):
      RPCStatus(code: .internal, message: "message prefix has compression flag \(flag)")
    case .compressed:
      RPCStatus(code: .internal, message: "compressed message without a known grpc-encoding")
    case .corrupt: RPCStatus(code: .internal, message: "compressed message that is not gzip")
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
  /// The peer has declared `grpc-encoding: gzip`.
  var acceptsGzip = false
  private var isCompressed = false
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
    _ chunk: UnsafeRawBufferPointer, deliver: (ReceivedMessage) -> Void
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
      let message = ReceivedMessage(body, gzipLimit: isCompressed ? maximumBytes : nil)
      body = []
      prefixCount = 0
      deliver(message)
    }
  }

  private mutating func begin() throws(MessageFault) {
    let flag = UInt8(truncatingIfNeeded: prefix >> 32)
    guard flag <= 1 else { throw .invalidFlag(flag) }
    guard flag == 0 || acceptsGzip else { throw .compressed }
    isCompressed = flag == 1
    remaining = Int(UInt32(truncatingIfNeeded: prefix))
    guard remaining <= maximumBytes else {
      throw .tooLong(announced: remaining, limit: maximumBytes)
    }
    body.reserveCapacity(min(remaining, Self.initialReservation))
  }
}
