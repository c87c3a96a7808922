import Crypto
import Foundation
import Testing

@Suite struct KeyFileTests {
  let folder: URL
  var path: String { folder.appending(path: "key.pem").path() }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "ndx-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  @Test func aWrittenFileIsPrivateAndReadsBack() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try KeyFile.write("one", to: path)
    try KeyFile.write("two", to: path)
    #expect(try KeyFile.readText(path) == "two")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["key.pem"])
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o666])
  func aFileOpenToOthersIsRefused(mode: Int) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try KeyFile.write("secret", to: path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    let error = #expect(throws: CryptoError.self) { try KeyFile.read(path) }
    #expect(error?.description.contains("mode must be 0600") == true)
    #expect(error?.description.contains("secret") == false)
  }

  @Test func missingFilesAndFoldersAreRefused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(
      throws: CryptoError.keyFile(path: path, problem: "cannot be read: No such file or directory")
    ) {
      try KeyFile.read(path)
    }
    #expect(throws: CryptoError.self) { try KeyFile.read(folder.path()) }
    #expect(throws: CryptoError.self) { try KeyFile.write("x", to: path + "/below") }
  }
}
