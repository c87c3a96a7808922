import Model

extension Flood {
  private static let chat = RawFrame.request(stream: 1, path: "/ndx.test.v1.EchoService/Chat")

  static let data: [Flood] = [
    dribble("empty DATA", [RawFrame.bytes(.data, stream: 1)]),
    dribble(
      "padded DATA without data",
      [RawFrame.bytes(.data, flags: 8, stream: 1, [255] + [UInt8](repeating: 0, count: 255))]),
    dribble(
      "messages of one byte in DATA of one byte",
      [0, 0, 0, 0, 0].map { RawFrame.bytes(.data, stream: 1, [$0]) }),
    Flood(
      "a message in DATA of one byte",
      opening: {
        $0.add(RawFrame.request(stream: 1))
        $0.add(RawFrame.bytes(.data, stream: 1, [0, 0, 1, 0, 0]))
      }
    ) { attacker, _ in attacker.add(RawFrame.bytes(.data, stream: 1, [0])) },
    Flood(
      "DATA on a stream that is reset",
      opening: {
        $0.add(RawFrame.request(stream: 1))
        $0.add(RawFrame.bytes(.resetStream, stream: 1, RawFrame.number(8)))
      }
    ) { attacker, _ in attacker.add(RawFrame.bytes(.data, stream: 1, [0])) },
    Flood(
      "windows of one byte", settings: RawFrame.setting(4, 0),
      opening: { attacker in
        attacker.add(RawFrame.request(stream: 1))
        for frame in RawFrame.message(Echo(value: [UInt8](repeating: 1, count: 100_000)), stream: 1)
        { attacker.add(frame) }
      }
    ) { attacker, _ in attacker.add(RawFrame.windowUpdate(stream: 1, by: 1)) },
  ]

  private static func dribble(_ name: String, _ frames: [[UInt8]]) -> Flood {
    Flood(name, opening: { $0.add(chat) }) { attacker, _ in
      for frame in frames { attacker.add(frame) }
    }
  }

  static let headers: [Flood] = [
    continued(
      "endless CONTINUATION", (0..<100).flatMap { RawFrame.field("x-\($0)", "some value") }),
    continued("empty CONTINUATION", []),
    Flood("HPACK bomb") { attacker, round in
      let bomb =
        round == 0
        ? RawFrame.field("x-bomb", String(repeating: "b", count: 3900), isIndexed: true)
        : [UInt8](repeating: RawFrame.newestField, count: 16_000)
      attacker.add(RawFrame.request(stream: round * 2 + 1, after: bomb))
    },
    Flood("HPACK bomb in many parts") { attacker, round in
      let stream = round * 2 + 1
      let bomb =
        round == 0
        ? RawFrame.field("x-bomb", String(repeating: "b", count: 3900), isIndexed: true) : []
      attacker.add(RawFrame.request(stream: stream, isWhole: false, after: bomb))
      let references = [UInt8](repeating: RawFrame.newestField, count: 16_000)
      for part in 0..<7 {
        attacker.add(
          RawFrame.bytes(.continuation, flags: part == 6 ? 4 : 0, stream: stream, references))
      }
    },
    opened("crumbs of cookies", by: (0..<1200).flatMap { RawFrame.field("cookie", "a\($0 % 10)") }),
    Flood("changes of the header table's size") { attacker, round in
      let changes = [UInt8](repeating: 0x20, count: 8000)
      attacker.add(RawFrame.request(stream: round * 2 + 1, before: changes))
      attacker.add(RawFrame.bytes(.resetStream, stream: round * 2 + 1, RawFrame.number(8)))
    },
    opened(
      "entries that push each other out of the header table",
      by: (0..<800).flatMap { RawFrame.field("x-\($0)", "a", isIndexed: true) }),
  ]

  private static func opened(_ name: String, by fields: [UInt8]) -> Flood {
    Flood(name) { attacker, round in
      attacker.add(RawFrame.request(stream: round * 2 + 1, after: fields))
    }
  }

  private static func continued(_ name: String, _ part: [UInt8]) -> Flood {
    Flood(name, opening: { $0.add(RawFrame.request(stream: 1, isWhole: false)) }) { attacker, _ in
      attacker.add(RawFrame.bytes(.continuation, stream: 1, part))
    }
  }

  static let transport: [Flood] = [
    Flood("TLS key updates") { attacker, _ in attacker.updateKey() },
    Flood(
      "TLS records of one byte",
      // The head of a long frame, whose payload then trickles in.
      opening: { $0.write([0, 0x3e, 0x80, 200, 0, 0, 0, 0, 0]) }
    ) { attacker, _ in attacker.addRecord([0]) },
  ]
}
