import CProtobufC
import Foundation

/// An allocator for protobuf-c that takes every piece from malloc and counts.
final class CountedMemory {
  private(set) var allocatedBytes = 0
  /// Pieces that have not been freed.
  private(set) var blocks = 0

  func withAllocator<Result>(
    _ body: (UnsafeMutablePointer<ProtobufCAllocator>) throws -> Result
  ) rethrows -> Result {
    var allocator = ProtobufCAllocator(
      alloc: { owner, count in
        CountedMemory.at(owner)?.allocate(count)
      },
      free: { owner, pointer in
        CountedMemory.at(owner)?.release(pointer)
      }, allocator_data: Unmanaged.passUnretained(self).toOpaque())
    return try withExtendedLifetime(self) { try body(&allocator) }
  }

  private static func at(_ owner: UnsafeMutableRawPointer?) -> CountedMemory? {
    owner.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }

  private func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
    allocatedBytes += count
    blocks += 1
    return malloc(count)
  }

  private func release(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return }
    blocks -= 1
    free(pointer)
  }
}
