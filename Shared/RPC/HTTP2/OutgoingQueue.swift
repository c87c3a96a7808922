/// The bytes of one stream that HTTP/2 flow control has not yet let out.
struct OutgoingQueue {
  private var chunks: [[UInt8]] = []
  private var next = 0
  private var offset = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { next == chunks.count }

  mutating func append(_ chunk: [UInt8]) {
    guard !chunk.isEmpty else { return }
    chunks.append(chunk)
    byteCount += chunk.count
  }

  /// Moves as many bytes as fit; returns their number.
  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    while filled < buffer.count, next < chunks.count {
      let count = min(buffer.count - filled, chunks[next].count - offset)
      chunks[next].withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
      }
      filled += count
      offset += count
      if offset == chunks[next].count { dropFirst() }
    }
    byteCount -= filled
    return filled
  }

  mutating func removeAll() {
    chunks = []
    next = 0
    offset = 0
    byteCount = 0
  }

  private mutating func dropFirst() {
    chunks[next] = []
    next += 1
    offset = 0
    if next == chunks.count {
      chunks.removeAll(keepingCapacity: true)
      next = 0
    }
  }
}
