import Foundation
import SwiftProtobuf
import SwiftProtobufPluginLibrary
import Testing

@testable import protoc_gen_ndx

/// Compiles one proto file with protoc and plans it, as the plugin does.
func plan(_ body: String, package: String = "ndx.test.v1") throws -> FilePlan {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let text = """
    syntax = "proto3";
    package \(package);
    import "ndx/access/v1/access.proto";
    import "ndx/rules/v1/rules.proto";
    \(body)
    """
  try Data(text.utf8).write(to: folder.appending(path: "test.proto"))
  let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [
    "protoc", "-I", repository.appending(path: "Protos").path, "-I", "/usr/include", "-I",
    folder.path, "--include_imports", "--descriptor_set_out=\(folder.path)/set", "test.proto",
  ]
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  let bytes = try Data(contentsOf: folder.appending(path: "set"))
  let set = DescriptorSet(proto: try Google_Protobuf_FileDescriptorSet(serializedBytes: bytes))
  return try FilePlan(try #require(set.fileDescriptor(named: "test.proto")))
}
