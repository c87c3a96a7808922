import CProtobufC
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory for the C structs of one message, handed out by moving a pointer and dropped whole.
struct Arena: ~Copyable {
  /// What most messages need, on the stack.
  private static let stackBytes = 1024
  private static let alignment = 16
  /// Room at the start of a chunk for the address of the one before and the chunk's size.
  private static let header = 16
  private static let largestChunk = 1 << 20
  /// Chunks of the largest size kept for later messages, so that the system need not clear the
  /// pages of each anew; their addresses.
  private static let spares = Mutex<[UInt]>([])
  private static let mostSpares = 8

  private var chunk: UnsafeMutableRawPointer?
  private var next: UnsafeMutableRawPointer?
  private var remaining = 0
  private var chunkBytes: Int

  /// Lends an arena with room for a message of so many bytes on the wire, or about that; more is got when needed.
  static func with<Result, Failure>(
    expecting bytes: Int, _ body: (inout Arena) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeTemporaryAllocation(byteCount: stackBytes, alignment: alignment) {
      memory throws(Failure) in
      var arena = Arena(expecting: bytes, startingIn: memory)
      return try body(&arena)
    }
  }

  private init(expecting bytes: Int, startingIn memory: UnsafeMutableRawBufferPointer) {
    chunkBytes = min(max(512, bytes &* 4), Self.largestChunk)
    next = memory.baseAddress
    remaining = memory.count
  }

  deinit {
    var chunk = chunk
    while let current = chunk {
      chunk = current.load(as: UnsafeMutableRawPointer?.self)
      let size = current.load(fromByteOffset: 8, as: Int.self)
      if size != Self.largestChunk || !Self.keep(current) { free(current) }
    }
  }

  /// Uninitialised memory, aligned for any type, valid as long as the arena.
  mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
    let count = (count + Self.alignment - 1) & ~(Self.alignment - 1)
    if count > remaining { guard grow(by: count) else { return nil } }
    let start = next
    next = start.map { $0 + count }
    remaining -= count
    return start
  }

  private mutating func grow(by count: Int) -> Bool {
    let size = max(chunkBytes, count + Self.header)
    guard let new = size == Self.largestChunk ? Self.spare() ?? malloc(size) : malloc(size) else {
      return false
    }
    new.storeBytes(of: chunk, as: UnsafeMutableRawPointer?.self)
    new.storeBytes(of: size, toByteOffset: 8, as: Int.self)
    chunk = new
    next = new + Self.header
    remaining = size - Self.header
    chunkBytes = min(chunkBytes * 2, Self.largestChunk)
    return true
  }

  private static func spare() -> UnsafeMutableRawPointer? {
    spares.withLock { $0.popLast() }.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
  }

  private static func keep(_ chunk: UnsafeMutableRawPointer) -> Bool {
    spares.withLock { spares in
      guard spares.count < mostSpares else { return false }
      spares.append(UInt(bitPattern: chunk))
      return true
    }
  }

  /// Lends the arena to protobuf-c, whose frees do nothing.
  mutating func withAllocator<Result>(
    _ body: (UnsafeMutablePointer<ProtobufCAllocator>) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &self) { arena in
      var allocator = ProtobufCAllocator(
        alloc: { data, count in
          data?.assumingMemoryBound(to: Arena.self).pointee.allocate(count)
        },
        free: { _, _ in }, allocator_data: arena)
      return body(&allocator)
    }
  }
}
