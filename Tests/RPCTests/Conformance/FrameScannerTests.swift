import CNGHTTP2
import Testing

@testable import RPC

@Suite struct FrameScannerTests {
  /// Frames of several lengths after the preface, as one run of bytes.
  private static let frames: [(type: UInt8, length: Int, stream: UInt32)] = [
    (4, 0, 0), (1, 5, 1), (0, 300, 1), (6, 8, 0), (0xff, 1, 0xffff_ffff), (0, 70_000, 0x7fff_fffe),
  ]
  private static let bytes: [UInt8] =
    RawConnection.preface
    + frames.flatMap { type, length, stream -> [UInt8] in
      [UInt8(length >> 16), UInt8(length >> 8 & 255), UInt8(length & 255), type, 9]
        + FramePeer.number(stream) + [UInt8](repeating: 7, count: length)
    }

  @Test(arguments: [1, 2, 3, 5, 8, 9, 10, 13, 23, 24, 25, 33, 100, 4096, 16384, 100_000])
  func framesAreFoundInAnyChunking(size: Int) {
    let scanner = FrameScanner(skipping: FrameScanner.prefaceBytes)
    var headers: [nghttp2_frame_hd] = []
    var passed: [UInt8] = []
    for start in stride(from: 0, to: Self.bytes.count, by: size) {
      var rest = Self.bytes[start..<min(start + size, Self.bytes.count)]
      while !rest.isEmpty {
        let taken: Int
        switch rest.withUnsafeBytes({ scanner.take($0) }) {
        case .content(let count):
          taken = count
          passed += rest.prefix(count)
        case .frame(let header, let count):
          taken = count
          passed += rest.prefix(count)
          headers.append(header)
        case .kept(let count): taken = count
        case .completed(let header, let count):
          taken = count
          passed += scanner.header
          headers.append(header)
        }
        #expect(taken > 0 && taken <= rest.count)
        rest = rest.dropFirst(taken)
      }
    }
    #expect(passed == Self.bytes)
    #expect(headers.map(\.type) == Self.frames.map(\.type))
    #expect(headers.map(\.length) == Self.frames.map(\.length))
    #expect(headers.map(\.stream_id) == Self.frames.map { Int32($0.stream & 0x7fff_ffff) })
    #expect(headers.allSatisfy { $0.flags == 9 })
  }

  /// nghttp2 drops these without a word; the flood guard sees them all the same.
  @Test(arguments: ["unknown frames", "empty DATA on a stream that the server has reset"])
  func floodsOfIgnoredFramesEndTheConnection(what: String) async throws {
    try await withEcho { server, _ in
      let peer = FramePeer(try RawConnection(server))
      peer.open(1, "Nothing")
      peer.waitForEnd(of: 1)
      for _ in 0..<2000 {
        if what == "unknown frames" {
          peer.frame(0xee)
        } else {
          peer.data(1, [], flags: 0)
        }
      }
      #expect(
        peer.outcome(.connectionError(.enhanceYourCalm)) == .connectionError(.enhanceYourCalm))
    }
  }
}
