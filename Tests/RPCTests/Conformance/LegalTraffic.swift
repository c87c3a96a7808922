import Model

@testable import RPC

/// Requests as a client may write them that uses every freedom of HTTP/2: interleaved, padded, cut anywhere, with or
/// without trailers, among frames that mean nothing. The same seed gives the same traffic.
struct LegalTraffic {
  private struct Request {
    let stream: UInt32
    /// What of its message is still to be sent; nil when it has ended.
    var rest: ArraySlice<UInt8>?
  }

  private var random: SplitMix64
  private var open: [Request] = []
  private(set) var expected: [UInt32: [UInt8]] = [:]

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func write(calls: Int, to peer: FramePeer) {
    var begun = 0
    while begun < calls || !open.isEmpty {
      switch Int.random(in: 0..<10, using: &random) {
      case 0: noise(peer)
      case 1...3 where begun < calls:
        begin(UInt32(begun * 2 + 1), peer)
        begun += 1
      default:
        guard let index = open.indices.randomElement(using: &random) else { continue }
        goOn(index, peer)
      }
    }
  }

  private mutating func begin(_ stream: UInt32, _ peer: FramePeer) {
    let text = String(repeating: "\(stream) ", count: .random(in: 0..<1000, using: &random))
    let message = MessageFrame.framed(Echo(typeURL: text))
    expected[stream] = message
    open.append(Request(stream: stream, rest: message[...]))
    var block = FieldBlock.request(["Echo", "Collect"].randomElement(using: &random) ?? "Echo")
      .bytes
    var parts: [[UInt8]] = []
    for _ in 0..<Int.random(in: 0..<3, using: &random) {
      let count = Int.random(in: 0...block.count, using: &random)
      parts.append(Array(block.prefix(count)))
      block.removeFirst(count)
    }
    parts.append(block)
    var (payload, flags) = (parts[0], UInt8(0))
    if Bool.random(using: &random) {
      payload = [0, 0, 0, 0, 15] + payload
      flags |= FramePeer.priority
    }
    if Bool.random(using: &random) {
      payload = [3] + payload + [0, 0, 0]
      flags |= FramePeer.padded
    }
    if parts.count == 1 { flags |= FramePeer.endHeaders }
    peer.headers(stream, payload, flags: flags)
    for (index, part) in parts.enumerated().dropFirst() {
      peer.continuation(stream, part, flags: index == parts.count - 1 ? FramePeer.endHeaders : 0)
    }
  }

  private mutating func goOn(_ index: Int, _ peer: FramePeer) {
    let stream = open[index].stream
    guard let rest = open[index].rest, !rest.isEmpty else {
      if Bool.random(using: &random) {
        peer.data(stream, [])
      } else {
        peer.headers(stream, FieldBlock(fields: [("x-sum", "1")]))
      }
      open.remove(at: index)
      return
    }
    let count = min(rest.count, Int.random(in: 100...2000, using: &random))
    var (payload, flags) = (Array(rest.prefix(count)), UInt8(0))
    open[index].rest = rest.dropFirst(count)
    if Bool.random(using: &random) {
      let padding = UInt8.random(in: 0...255, using: &random)
      payload = [padding] + payload + [UInt8](repeating: 0, count: Int(padding))
      flags |= FramePeer.padded
    }
    if count == rest.count, Bool.random(using: &random) {
      flags |= FramePeer.endStream
      open.remove(at: index)
    }
    peer.data(stream, payload, flags: flags)
  }

  private mutating func noise(_ peer: FramePeer) {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: peer.frame(.ping, [UInt8](repeating: 9, count: 8))
    case 1: peer.prioritize(UInt32.random(in: 1...200, using: &random), weight: 3)
    case 2: peer.windowUpdate(0, 1)
    case 3: peer.settings((0xf0f0, 7))
    default: peer.frame(0xfa, flags: 0xff, stream: 77, [1, 2, 3])
    }
  }
}
