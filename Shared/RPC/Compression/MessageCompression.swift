import Synchronization

/// Whether the messages that one side of a call sends are compressed. Made only for calls that want it.
final class MessageCompression: Sendable {
  /// What we decompress, as `grpc-accept-encoding` says it.
  static let accepted = "identity,gzip"

  private let isOff = Atomic(false)

  /// The next messages go out as they are.
  func turnOff() { isOff.store(true, ordering: .relaxed) }

  /// The framed message, compressed when that makes it smaller.
  func apply(to framed: [UInt8]) async -> [UInt8] {
    guard !isOff.load(ordering: .relaxed), framed.count >= MessageFrame.compressibleBytes else {
      return framed
    }
    if framed.count <= MessageFrame.loopBytes { return MessageFrame.compressed(framed) }
    return await withTaskExecutorPreference(globalConcurrentExecutor) {
      await Self.compressElsewhere(framed)
    }
  }

  /// Not on an event loop, which handlers otherwise prefer.
  @concurrent private static func compressElsewhere(_ framed: [UInt8]) async -> [UInt8] {
    MessageFrame.compressed(framed)
  }
}

extension CallContext {
  /// Nil when responses are not to be compressed.
  var compression: MessageCompression? { responsePort?.compression }

  /// From here on, the call's messages are sent uncompressed. For answers that hold a secret beside text that others
  /// choose, whose length would tell them the secret (CRIME, BREACH).
  package func disableCompression() { compression?.turnOff() }
}
