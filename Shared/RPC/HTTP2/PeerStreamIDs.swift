import CNGHTTP2

/// The stream ids that a peer has used, as far as they tell a broken peer from a late one.
///
/// A frame on a stream that is no longer open may be late: the peer sent it before it learnt that we had ended the
/// stream, and it is ignored (RFC 9113, 5.1). It is an error when the peer had itself ended, reset or passed over the
/// stream. That is remembered of the last few streams; of older ones, every frame counts as late.
final class PeerStreamIDs {
  private static let remembered = 32

  /// Of all HEADERS, those included that were refused.
  private var highest: Int32 = -1
  /// The ids that the highest one passed over.
  private var skipped: Range<Int32> = 0..<0
  private var ended = [Int32](repeating: -1, count: remembered)
  private var next = 0

  /// The peer has said its last on this stream.
  func end(_ id: Int32) {
    ended[next] = id
    next = (next + 1) % Self.remembered
  }

  /// HEADERS of a client arrive. False when they do not begin a stream above all others.
  func begin(_ id: Int32) -> Bool {
    guard id > highest else { return false }
    skipped = highest + 1..<id
    highest = id
    return true
  }

  /// DATA, or HEADERS that do not begin a stream, on a stream that is not open. Nil when they may be late.
  func fault(on id: Int32) -> nghttp2_error_code? {
    if id > 0, skipped.contains(id) { return NGHTTP2_PROTOCOL_ERROR }
    return ended.contains(id) ? NGHTTP2_STREAM_CLOSED : nil
  }
}
