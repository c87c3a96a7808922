import Foundation
import ServiceRuntime
import TestSupport
import Testing

@Suite struct ConfigurationTests {
  private func load(
    flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
  ) async throws(StartupError) -> ServiceConfiguration {
    try await ConfigurationLoader(EchoService.self).load(
      flags: flags, environment: environment, file: file)
  }

  @Test func aFlagWinsOverEnvironmentFileAndDefault() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("config.json")
    try #"{"greeting": "file", "trust-domain": "file.ndx", "shutdown-seconds": 7}"#
      .write(toFile: file, atomically: true, encoding: .utf8)
    let environment = ["NDX_ECHO_GREETING": "environment", "NDX_ECHO_LISTEN": "[::1]:99"]
    let all = try await load(flags: ["greeting": "flag"], environment: environment, file: file)
    #expect(all.string("greeting") == "flag")
    #expect(all.listen == HostPort(host: "::1", port: 99))
    #expect(all.trustDomain == "file.ndx")
    #expect(try all.integer("shutdown-seconds", in: 0...60) == 7)
    #expect(all.string("log-level") == "info")
    #expect(try await load(environment: environment).string("greeting") == "environment")
    #expect(try await load(file: file).string("greeting") == "file")
    #expect(try await load().string("greeting") == "hello")
  }

  @Test func secretsAreNotPrinted() async throws {
    let printed = try await load(flags: ["greeting": "hi"]).printed
    #expect(printed.contains(#""greeting": {"source":"flag","value":"hi"}"#))
    #expect(printed.contains(#""password": {"source":"default","value":"<redacted>"}"#))
    #expect(!printed.contains("hunter2"))
  }

  @Test(arguments: [
    ["listen": "nonsense"], ["listen": "host:99999"], ["identity-address": "::1:5"],
    ["no-such-setting": "x"], ["data-directory": ""],
  ])
  func whatIsMalformedIsRefused(flags: [String: String]) async throws {
    let error = await #expect(throws: StartupError.self) { try await load(flags: flags) }
    #expect(error?.kind == .configuration)
  }

  @Test func aFileThatIsNoJSONIsRefused() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("config.json")
    try "listen = 1".write(toFile: file, atomically: true, encoding: .utf8)
    let error = await #expect(throws: StartupError.self) { try await load(file: file) }
    #expect(error?.kind == .configuration)
  }
}
