@testable import RPC

enum FrameType: UInt8 {
  case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
  case continuation
}

/// A peer that writes frames by hand and notes what comes back. What a case writes goes out at once when it waits
/// for an answer. Every wait ends: with the connection, or when nothing has come for ten seconds.
final class FramePeer {
  static let endStream: UInt8 = 1
  static let acknowledgement: UInt8 = 1
  static let endHeaders: UInt8 = 4
  static let padded: UInt8 = 8
  static let priority: UInt8 = 32
  static let last: UInt8 = 5
  /// An empty message of gRPC.
  static let message: [UInt8] = [0, 0, 0, 0, 0]

  let connection: RawConnection
  private var unsent: [UInt8] = []

  init(_ connection: RawConnection) { self.connection = connection }

  // MARK: Writing

  func raw(_ bytes: [UInt8]) { unsent += bytes }

  /// A frame with a header of its own length, unless another is given.
  func frame(
    _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, length: Int? = nil,
    _ payload: [UInt8] = []
  ) {
    let count = length ?? payload.count
    unsent += [UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags]
    unsent += Self.number(stream) + payload
  }

  func frame(
    _ type: FrameType, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []
  ) {
    frame(type.rawValue, flags: flags, stream: stream, payload)
  }

  func headers(_ stream: UInt32, _ block: [UInt8], flags: UInt8 = last) {
    frame(.headers, flags: flags, stream: stream, block)
  }

  func headers(
    _ stream: UInt32, _ fields: FieldBlock = .request(), flags: UInt8 = last
  ) {
    headers(stream, fields.bytes, flags: flags)
  }

  func continuation(_ stream: UInt32, _ block: [UInt8], flags: UInt8 = endHeaders) {
    frame(.continuation, flags: flags, stream: stream, block)
  }

  func data(_ stream: UInt32, _ payload: [UInt8] = message, flags: UInt8 = endStream) {
    frame(.data, flags: flags, stream: stream, payload)
  }

  func reset(_ stream: UInt32, _ code: UInt32 = ErrorCode.cancel.rawValue) {
    frame(.reset, stream: stream, Self.number(code))
  }

  func windowUpdate(_ stream: UInt32, _ increment: UInt32) {
    frame(.windowUpdate, stream: stream, Self.number(increment))
  }

  func prioritize(
    _ stream: UInt32, after parent: UInt32 = 0, isExclusive: Bool = false, weight: UInt8 = 255
  ) {
    let dependency = parent | (isExclusive ? 1 << 31 : 0)
    frame(.priority, stream: stream, Self.number(dependency) + [weight])
  }

  func settings(_ values: (UInt16, UInt32)...) {
    let payload = values.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + Self.number($0.1) }
    frame(.settings, payload)
  }

  /// A request whose headers are complete and whose message is not.
  func open(_ stream: UInt32, _ method: String = "Echo") {
    headers(stream, .request(method), flags: Self.endHeaders)
  }

  /// A whole request with an empty message.
  func request(_ stream: UInt32, _ method: String = "Echo") {
    open(stream, method)
    data(stream)
  }

  static func number(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }

  func flush() {
    guard !unsent.isEmpty else { return }
    connection.send(unsent)
    unsent = []
  }

  /// Sends what is written in TLS records of this length.
  func flush(recordBytes: Int) {
    let bytes = unsent
    unsent = []
    for start in stride(from: 0, to: bytes.count, by: recordBytes) {
      connection.send(Array(bytes[start..<min(start + recordBytes, bytes.count)]))
    }
  }

  /// What is written and not sent, to be sent otherwise.
  func takeUnsent() -> [UInt8] {
    defer { unsent = [] }
    return unsent
  }

  /// Sends what is written but its last bytes, which it returns.
  func flush(leaving count: Int) -> [UInt8] {
    let rest = Array(unsent.suffix(count))
    unsent.removeLast(count)
    flush()
    return rest
  }

  /// Sends what is written, and close_notify together with it.
  func flushAndEndSending() {
    let bytes = unsent
    unsent = []
    connection.sendLast(bytes)
  }

  // MARK: Reading

  /// Sends what is written and reads frames until one is as wanted; nil when none comes.
  func wait(for isWanted: (RawConnection.Frame) -> Bool) -> RawConnection.Frame? {
    flush()
    while let frame = connection.nextFrame() {
      if isWanted(frame) { return frame }
    }
    return nil
  }

  func waitForAcknowledgedSettings() { _ = wait { $0.type == 4 && $0.flags == 1 } }

  /// Exchanges settings, each acknowledged.
  func exchangeSettings() {
    settings()
    _ = wait { $0.type == 4 && $0.flags == 0 }
    frame(.settings, flags: Self.acknowledgement)
    waitForAcknowledgedSettings()
  }

  /// Waits until the other side has ended the stream.
  func waitForEnd(of stream: UInt32) {
    _ = wait { $0.stream == stream && ($0.type <= 1 && $0.flags & 1 == 1 || $0.type == 3) }
  }

  /// The content of the streams that the other side ends, once it has ended all of these.
  func answers(
    _ streams: [UInt32], _ note: (RawConnection.Frame) -> Void = { _ in }
  ) -> [UInt32: [UInt8]] {
    var (open, content) = (Set(streams), [UInt32: [UInt8]]())
    _ = wait { frame in
      note(frame)
      guard open.contains(frame.stream), frame.type <= 1 else { return false }
      if frame.type == 0 { content[frame.stream, default: []] += frame.payload }
      if frame.flags & Self.endStream != 0 {
        open.remove(frame.stream)
        content[frame.stream] = content[frame.stream] ?? []
      }
      return open.isEmpty
    }
    return content
  }

  /// What the endpoint makes of what was written. An answer that is expected is waited for; then two PINGs,
  /// one after the other, see to it that everything the endpoint had to say has been said.
  func outcome(_ expected: Outcome) -> Outcome {
    var seen = Seen(expected)
    if seen.isAwaitingAnswer { read(&seen) { !$0.isAwaitingAnswer } }
    for round: UInt8 in 1...2 where !seen.isOver {
      let payload = [UInt8](repeating: round, count: 8)
      frame(.ping, payload)
      read(&seen) { $0.lastPing == payload }
    }
    return seen.outcome
  }

  private func read(_ seen: inout Seen, until isDone: (Seen) -> Bool) {
    flush()
    while !seen.isOver, !isDone(seen) || seen.isEnding {
      if let frame = connection.nextFrame() {
        seen.note(frame)
      } else {
        seen.end(isTimeout: connection.hasTimedOut)
      }
    }
  }
}

/// The frames that came back, as far as they matter to an outcome.
private struct Seen {
  private let expected: Outcome
  private var connectionError: UInt32?
  private var streamError: UInt32?
  private var hasHeaders = false
  private var firstData: Int?
  private var hasSettings = false
  private var hasAcknowledgement = false
  private var hasEnded = false
  private var hasTimedOut = false
  private(set) var lastPing: [UInt8] = []

  init(_ expected: Outcome) { self.expected = expected }

  var isOver: Bool { hasEnded || hasTimedOut }
  /// After GOAWAY with an error only the end may follow.
  var isEnding: Bool { connectionError != nil }

  var isAwaitingAnswer: Bool {
    guard connectionError == nil, streamError == nil else { return false }
    return switch expected {
    case .response: !hasHeaders
    case .data: firstData == nil
    case .settingsAcknowledged: !hasAcknowledgement
    case .settings: !hasSettings
    default: false
    }
  }

  mutating func note(_ frame: RawConnection.Frame) {
    switch FrameType(rawValue: frame.type) {
    case .goAway: if frame.errorCode != 0 { connectionError = connectionError ?? frame.errorCode }
    case .reset: if frame.errorCode != 0 { streamError = streamError ?? frame.errorCode }
    case .headers: hasHeaders = true
    case .data: firstData = firstData ?? frame.payload.count
    case .settings: if frame.flags == 1 { hasAcknowledgement = true } else { hasSettings = true }
    case .ping: if frame.flags == 1 { lastPing = frame.payload }
    default: break
    }
  }

  mutating func end(isTimeout: Bool) {
    hasTimedOut = isTimeout
    hasEnded = !isTimeout
  }

  var outcome: Outcome {
    if let connectionError {
      guard let code = ErrorCode(rawValue: connectionError) else {
        return .unknownError(connectionError)
      }
      return hasEnded ? .connectionError(code) : .halfConnectionError(code)
    }
    if let streamError {
      return ErrorCode(rawValue: streamError).map { .streamError($0) } ?? .unknownError(streamError)
    }
    if expected == .response, hasHeaders { return .response }
    if hasEnded { return .closed }
    if hasTimedOut { return .silence }
    if case .data = expected, let firstData { return .data(firstData) }
    if expected == .settingsAcknowledged, hasAcknowledgement { return .settingsAcknowledged }
    if expected == .settings, hasSettings { return .settings }
    return hasHeaders ? .response : .goesOn
  }
}

// MARK: - The server's part

extension FramePeer {
  /// Reads the client's preface and sends the server's; false when it is none.
  func beginServing() -> Bool {
    guard connection.bytes(RawConnection.preface.count) == RawConnection.preface else {
      return false
    }
    exchangeSettings()
    return true
  }

  /// The stream of the next whole request.
  func nextRequest() -> UInt32? { wait { $0.type == 0 && $0.flags & 1 == 1 }?.stream }

  /// A response with an empty message.
  func answer(_ stream: UInt32) {
    headers(stream, .response, flags: Self.endHeaders)
    data(stream, flags: 0)
    headers(stream, .trailers)
  }
}
