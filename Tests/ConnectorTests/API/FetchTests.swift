import Client
import Crypto
import Foundation
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@Suite struct FetchTests {
  /// More than one booking step and many chunks, with a rest.
  private static let large = (0..<(9 << 20) + 12_345).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  @Test func aGrantBringsTheManifestAndEveryByte() async throws {
    let connector = try await ConnectorUnderTest(
      files: ["a/tỉnh.csv": Array("01,Hà Nội\n".utf8), "b.bin": Self.large, "empty": []])
    let revision = try await connector.client().getManifest(
      DeliveryV1.GetManifestRequest(grant: try connector.token())
    ).revision
    #expect(revision == connector.revision)
    for file in revision.files {
      let bytes = try await connector.fetch(file.path)
      #expect(Digest.sha256(of: bytes) == file.sha256)
    }
    await connector.shutdown()
  }

  @Test func aBrokenFetchIsResumedWhereItEnded() async throws {
    let connector = try await ConnectorUnderTest(files: ["b.bin": Self.large])
    var first: [UInt8] = []
    let request = DeliveryV1.FetchRequest(grant: try connector.token(), path: "b.bin")
    for try await chunk in try connector.client().fetch(request) {
      first += chunk.data
      if first.count > 1 << 20 { break }
    }
    let rest = try await connector.fetch("b.bin", from: Int64(first.count))
    #expect(first + rest == Self.large)
    await connector.shutdown()
  }

  @Test func pathsOutsideTheManifestAndOffsetsPastTheEndAreRefused() async throws {
    let connector = try await ConnectorUnderTest()
    try Data("secret".utf8).write(to: URL(filePath: connector.folder.file("other.txt")))
    let other = await refusal { try await connector.fetch("other.txt") }
    #expect(other == "NOT_FOUND FILE_NOT_FOUND")
    let traversal = await refusal { try await connector.fetch("../connector.sqlite") }
    #expect(traversal == "INVALID_ARGUMENT INVALID_FIELD")
    let offset = await refusal { try await connector.fetch("tinh.csv", from: 1_000) }
    #expect(offset == "OUT_OF_RANGE OFFSET_OUT_OF_RANGE")
    await connector.shutdown()
  }

  @Test func aFileThatChangedIsNeverServed() async throws {
    let connector = try await ConnectorUnderTest()
    let path = connector.folder.file("tinh.csv")
    let original = try Data(contentsOf: URL(filePath: path))
    #expect(try await connector.fetch("tinh.csv") == [UInt8](original))
    var changed = original
    changed[changed.count - 2] ^= 1
    try changed.write(to: URL(filePath: path))
    let reason = await refusal { try await connector.fetch("tinh.csv") }
    #expect(reason == "FAILED_PRECONDITION CONTENT_CHANGED")
    try original.write(to: URL(filePath: path))
    #expect(try await connector.fetch("tinh.csv") == [UInt8](original))
    try FileManager.default.removeItem(atPath: path)
    #expect(
      await refusal { try await connector.fetch("tinh.csv") }
        == "FAILED_PRECONDITION CONTENT_MISSING")
    await connector.shutdown()
  }

  @Test func aFileChangedInMidStreamEndsTheStream() async throws {
    let connector = try await ConnectorUnderTest(files: ["b.bin": Self.large])
    let path = connector.folder.file("b.bin")
    let request = DeliveryV1.FetchRequest(grant: try connector.token(), path: "b.bin")
    var received = 0
    let reason = await refusal {
      for try await chunk in try connector.client().fetch(request) {
        if received == 0 {
          let file = try FileHandle(forWritingTo: URL(filePath: path))
          try file.seek(toOffset: UInt64(Self.large.count - 1))
          try file.write(contentsOf: Data([0]))
          try file.close()
        }
        received += chunk.data.count
      }
    }
    #expect(reason == "FAILED_PRECONDITION CONTENT_CHANGED")
    #expect(received < Self.large.count)
    await connector.shutdown()
  }

  @Test func linksAreNotFollowed() async throws {
    let connector = try await ConnectorUnderTest(files: ["in/data.csv": Array("abc".utf8)])
    let manager = FileManager.default
    let outside = try TemporaryDirectory()
    try Data("abc".utf8).write(to: URL(filePath: outside.file("data.csv")))
    try manager.removeItem(atPath: connector.folder.file("in/data.csv"))
    try manager.createSymbolicLink(
      atPath: connector.folder.file("in/data.csv"),
      withDestinationPath: outside.file("data.csv"))
    let file = await refusal { try await connector.fetch("in/data.csv") }
    #expect(file == "FAILED_PRECONDITION CONTENT_MISSING")
    try manager.removeItem(atPath: connector.folder.file("in"))
    try manager.createSymbolicLink(
      atPath: connector.folder.file("in"), withDestinationPath: outside.path)
    let folder = await refusal { try await connector.fetch("in/data.csv") }
    #expect(folder == "FAILED_PRECONDITION CONTENT_MISSING")
    await connector.shutdown()
  }

  @Test func theQuotaEndsTheStream() async throws {
    let connector = try await ConnectorUnderTest(files: ["b.bin": Self.large])
    let grant = try connector.token { $0.quotaBytes = 5 << 20 }
    let request = DeliveryV1.FetchRequest(grant: grant, path: "b.bin")
    var received = 0
    let reason = await refusal {
      for try await chunk in try connector.client().fetch(request) { received += chunk.data.count }
    }
    #expect(reason == "RESOURCE_EXHAUSTED QUOTA_EXCEEDED")
    #expect(received == 5 << 20)
    let again = await refusal { try await connector.fetch("b.bin", grant: grant) }
    #expect(again == "RESOURCE_EXHAUSTED QUOTA_EXCEEDED")
    await connector.shutdown()
  }

  @Test func aRevisionMayHaveAFolderOfItsOwn() async throws {
    let connector = try await ConnectorUnderTest()
    let own = connector.folder.file("\(connector.revision.id)")
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: connector.folder.file("tinh.csv"), toPath: own + "/tinh.csv")
    #expect(try await !connector.fetch("tinh.csv").isEmpty)
    await connector.shutdown()
  }
}
