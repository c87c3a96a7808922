import CNGHTTP2
import NIOCore

/// Ends connections whose frames cost us work and carry no traffic. Each connection has a credit: frames spend it, answers
/// and whole messages earn it back, and so does time. The prices are such that traffic pays for itself: a call
/// costs at most four and earns at least as much, and what a reader of much data sends is paid by that data.
final class FloodGuard {
  /// So small that no flood gets beyond 2,000 frames, and more than twice what `maximumConcurrentStreams` calls cost
  /// that begin together.
  static let capacity = 1000
  private static let perSecond = 200
  /// DATA with less than this is charged for, unless it ends a message.
  private static let smallBytes: UInt = 128
  /// Fields cost one more for each of so many bytes.
  private static let fieldBytes = 4 << 10
  static let keyUpdateCost = 20
  /// A TLS record shorter than a frame's header is charged for.
  static let shortRecordBytes = 9
  static let shortRecordCost = 1
  static let excessiveHeadersCost = 50

  private var credit = capacity
  private var refilled = NIODeadline.now()

  /// Pays; false when the peer has overdrawn.
  func spend(_ cost: Int) -> Bool {
    credit -= cost
    if credit >= 0 { return true }
    let now = NIODeadline.now()
    let earned = (now - refilled).nanoseconds / (1_000_000_000 / Int64(Self.perSecond))
    guard earned > 0 else { return false }
    refilled = now
    earn(Int(min(earned, Int64(Self.capacity))))
    return credit >= 0
  }

  func earn(_ amount: Int) {
    credit = min(Self.capacity, credit + amount)
  }

  /// The price of a frame that begins to arrive.
  static func cost(of header: nghttp2_frame_hd) -> Int {
    switch UInt32(header.type) {
    // A byte of fields may stand for kilobytes.
    case NGHTTP2_HEADERS.rawValue: return 2 + Int(header.length) / fieldBytes
    case NGHTTP2_CONTINUATION.rawValue: return 1 + Int(header.length) / fieldBytes
    case NGHTTP2_DATA.rawValue:
      // Padding, of up to 255 bytes and its length, is no data.
      let isPadded = header.flags & UInt8(NGHTTP2_FLAG_PADDED.rawValue) != 0
      return UInt(header.length) < smallBytes + (isPadded ? 256 : 0) ? 1 : 0
    case NGHTTP2_RST_STREAM.rawValue: return 3
    case NGHTTP2_SETTINGS.rawValue: return 1 + Int(header.length) / 6
    default: return 1
    }
  }

  /// What is given back when the peer resets a stream of this age, nil when it has ended already. Cancelling a call that has
  /// been at work for a while is no faster than the work. A reset that comes late, as when the peer's deadline and ours
  /// pass together, undoes nothing.
  static func refund(ofResetAt age: Duration?) -> Int {
    guard let age else { return 2 }
    return age >= workAge ? 5 : 0
  }

  private static let workAge = Duration.milliseconds(100)

  /// What a message earns that has arrived whole, in however small parts.
  static func earning(ofMessage count: Int) -> Int { count == 0 ? 1 : 2 }

  /// The price of a reset that we send: what the peer did was an error, or one stream too many.
  static func cost(ofSentReset errorCode: UInt32) -> Int {
    switch errorCode {
    case NGHTTP2_NO_ERROR.rawValue, NGHTTP2_CANCEL.rawValue: 0
    case NGHTTP2_REFUSED_STREAM.rawValue: 1
    default: 3
    }
  }

  /// What a frame of an answer earns; small DATA only when it is not the peer's window that made it small.
  static func earning(ofSent header: nghttp2_frame_hd, isWindowUsedUp: () -> Bool) -> Int {
    switch UInt32(header.type) {
    case NGHTTP2_HEADERS.rawValue:
      header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 ? 4 : 2
    case NGHTTP2_DATA.rawValue:
      UInt(header.length) >= smallBytes
        ? min(4, Int(header.length) / Int(smallBytes)) : isWindowUsedUp() ? 0 : 1
    default: 0
    }
  }
}
