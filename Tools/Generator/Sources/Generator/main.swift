import Foundation
import SwiftProtobuf
import SwiftProtobufPluginLibrary

// A protoc plugin: reads a CodeGeneratorRequest, writes a CodeGeneratorResponse.
let input = FileHandle.standardInput.readDataToEndOfFile()
var response = Google_Protobuf_Compiler_CodeGeneratorResponse()
response.supportedFeatures = UInt64(
  Google_Protobuf_Compiler_CodeGeneratorResponse.Feature.proto3Optional.rawValue)
do {
  let request = try Google_Protobuf_Compiler_CodeGeneratorRequest(serializedBytes: input)
  response.file = try Generation(request).run().map { output in
    var file = Google_Protobuf_Compiler_CodeGeneratorResponse.File()
    file.name = output.path
    file.content = output.text
    return file
  }
} catch {
  response.error = String(describing: error)
}
FileHandle.standardOutput.write(try response.serializedBytes() as Data)
