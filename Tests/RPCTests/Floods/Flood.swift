/// A way to cost a server work for frames that bring nothing.
struct Flood: Sendable, CustomStringConvertible {
  let description: String
  /// The payload of the attacker's first SETTINGS.
  var settings: [UInt8] = []
  /// What comes first.
  var opening: @Sendable (Attacker) -> Void = { _ in }
  /// What is repeated, with a number that grows.
  let round: @Sendable (Attacker, UInt32) -> Void

  init(
    _ description: String, settings: [UInt8] = [],
    opening: @escaping @Sendable (Attacker) -> Void = { _ in },
    round: @escaping @Sendable (Attacker, UInt32) -> Void
  ) {
    self.description = description
    self.settings = settings
    self.opening = opening
    self.round = round
  }

  static let all = resets + inducedResets + control + data + headers + transport
  private static let echo = "/ndx.test.v1.EchoService/"

  private static func id(_ round: UInt32) -> UInt32 { round * 2 + 1 }

  /// Calls that the client opens and resets.
  private static let resets = ["Echo", "Chat", "Hang"].map { method in
    Flood("rapid reset of \(method)") { attacker, round in
      attacker.add(RawFrame.request(stream: id(round), path: echo + method))
      if method == "Hang" {
        attacker.add(RawFrame.bytes(.data, flags: 1, stream: id(round), [0, 0, 0, 0, 0]))
      }
      attacker.add(RawFrame.bytes(.resetStream, stream: id(round), RawFrame.number(8)))
    }
  }

  /// Calls that the client makes the server reset.
  private static let inducedResets: [Flood] = [
    induced("window overflow") { [RawFrame.windowUpdate(stream: $0, by: 0x7fff_ffff)] },
    induced("window increment of zero") { [RawFrame.windowUpdate(stream: $0, by: 0)] },
    induced("HEADERS after the end", isLast: true) { [RawFrame.request(stream: $0, isLast: true)] },
    induced("DATA after the end", isLast: true) { [RawFrame.bytes(.data, stream: $0, [0])] },
    induced("dependency on itself") {
      [RawFrame.bytes(.priority, stream: $0, RawFrame.number($0) + [15])]
    },
    induced("PRIORITY of a wrong size") { [RawFrame.bytes(.priority, stream: $0, [0, 0, 0])] },
    induced("oversized DATA") {
      [RawFrame.bytes(.data, stream: $0, [UInt8](repeating: 0, count: 16_500))]
    },
    induced("wrong content-length", fields: RawFrame.field("content-length", "5")) {
      [RawFrame.bytes(.data, flags: 1, stream: $0, [0])]
    },
    induced("upper-case field name", fields: RawFrame.field("X-A", "1")) { _ in [] },
    induced("too many streams", path: "Chat") { _ in [] },
    induced("too many streams after the settings", path: "Chat", isAcknowledging: true) { _ in [] },
  ]

  private static func induced(
    _ what: String, path: String = "Echo", isLast: Bool = false, isAcknowledging: Bool = false,
    fields: [UInt8] = [], _ fault: @escaping @Sendable (UInt32) -> [[UInt8]]
  ) -> Flood {
    Flood("induced reset: \(what)") { attacker, round in
      if isAcknowledging, round == 0 { attacker.add(RawFrame.bytes(.settings, flags: 1)) }
      attacker.add(
        RawFrame.request(stream: id(round), path: echo + path, isLast: isLast, after: fields))
      for frame in fault(id(round)) { attacker.add(frame) }
    }
  }

  private static let control: [Flood] = [
    repeated("PING", RawFrame.bytes(.ping, [UInt8](repeating: 0, count: 8))),
    repeated(
      "PING acknowledgement", RawFrame.bytes(.ping, flags: 1, [UInt8](repeating: 0, count: 8))),
    repeated("SETTINGS", RawFrame.bytes(.settings)),
    repeated("SETTINGS acknowledgement", RawFrame.bytes(.settings, flags: 1)),
    repeated(
      "SETTINGS of 2,700 entries",
      RawFrame.bytes(.settings, (0..<2700).flatMap { _ in RawFrame.setting(4, 1000) })),
    repeated(
      "SETTINGS that change the header table",
      RawFrame.bytes(
        .settings, (0..<16).flatMap { RawFrame.setting(1, $0 % 2 == 0 ? 0 : 1 << 20) })),
    repeated("PRIORITY", RawFrame.bytes(.priority, stream: 7, RawFrame.number(0) + [15])),
    Flood("PRIORITY of ever new streams") { attacker, round in
      attacker.add(RawFrame.bytes(.priority, stream: id(round), RawFrame.number(0) + [15]))
    },
    repeated("WINDOW_UPDATE of the connection", RawFrame.windowUpdate(by: 1)),
    repeated(
      "WINDOW_UPDATE of a stream", RawFrame.windowUpdate(stream: 1, by: 1),
      opening: [RawFrame.request(stream: 1)]),
    repeated("frames of unknown types", RawFrame.bytes(type: 200, [1, 2, 3])),
    repeated("PRIORITY_UPDATE", RawFrame.bytes(type: 16, RawFrame.number(1) + Array("u=1".utf8))),
    repeated("GOAWAY", RawFrame.bytes(.goAway, RawFrame.number(0) + RawFrame.number(0))),
  ]

  private static func repeated(
    _ name: String, _ frame: [UInt8], opening: [[UInt8]] = []
  ) -> Flood {
    Flood(name, opening: { for frame in opening { $0.add(frame) } }) { attacker, _ in
      attacker.add(frame)
    }
  }
}
