import Codec

/// A message as it arrived. One that is compressed stays so until its consumer takes it: on the server after the
/// interceptors have let the call through, so that a stranger cannot make us inflate anything, and never more
/// than one at a time for each thread that does it.
struct ReceivedMessage: Sendable {
  let bytes: [UInt8]
  /// Nil: not compressed. Otherwise gzip, of which at most so many bytes may come.
  let gzipLimit: Int?

  init(_ bytes: [UInt8], gzipLimit: Int? = nil) {
    self.bytes = bytes
    self.gzipLimit = gzipLimit
  }

  /// Throws `MessageFault` when it cannot be decompressed, and what decoding throws.
  func decode<Message: WireMessage>() async throws -> Message {
    guard let gzipLimit else { return try Message.decode(bytes) }
    let announced = Gzip.announcedBytes(bytes)
    // What announces more than it may is refused at once, which needs no other thread.
    guard announced > MessageFrame.loopBytes, announced <= gzipLimit else {
      return try Message.decode(Gzip.decompress(bytes, limit: gzipLimit))
    }
    return try await withTaskExecutorPreference(globalConcurrentExecutor) {
      try await decodeElsewhere(limit: gzipLimit)
    }
  }

  /// Not on an event loop, which handlers otherwise prefer. Decodes at once what it has decompressed, so that nothing decompressed waits.
  @concurrent private func decodeElsewhere<Message: WireMessage>(
    limit: Int
  ) async throws -> Message {
    try Message.decode(Gzip.decompress(bytes, limit: limit))
  }
}
