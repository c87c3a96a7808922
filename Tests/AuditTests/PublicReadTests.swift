import Crypto
import Foundation
import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@testable import AuditAPI

/// The public read side, asked by programs that know nothing of NDX.
@Suite(.timeLimit(.minutes(5))) struct PublicReadTests {
  /// A running service with its signer and its public listener.
  private struct Scene {
    let service: TestService<AuditService>
    let directory: TemporaryDirectory
    let port: Int
    let root: String

    /// Appends events; those after the first thousand name nobody, which is quicker.
    func append(_ range: ClosedRange<Int64>, _ producer: LogServiceClient) async throws {
      var next = range.lowerBound
      while next <= range.upperBound {
        let last = min(next + 1_023, range.upperBound)
        let events = (next...last).map { number in
          number <= 1_000
            ? Events.event(number)
            : Events.event(number, actor: "", subjects: [], payload: "")
        }
        _ = try await producer.appendEntries(.init(events: events))
        next = last + 1
      }
      // A receipt waits for the checkpoint that covers its entry.
      _ = try await producer.getReceipt(.init(target: .index(range.upperBound - 1)))
    }

    func python(_ check: String) async throws -> (status: Int32, output: String) {
      let script = OtherPrograms.folder.appending(path: "Python/web.py").path
      return try await OtherPrograms.run("python3", ["-B", script, "\(port)", root, check])
    }
  }

  private func withScene(
    settings: [String: String] = [:],
    _ body: (Scene, LogServiceClient) async throws -> Void
  ) async throws {
    let directory = try TemporaryDirectory()
    let service = try await TestService(
      AuditService.self,
      settings: [
        "checkpoint-interval-milliseconds": "10", "public-requests-per-second": "1000000",
      ].merging(settings) { $1 })
    let signer = try #require(service.parts.services.first)
    let signing = Task { try await signer.run() }
    let web = try #require(
      service.parts.services.compactMap { $0 as? PublicLogService }.first)
    let root = directory.file("root.pem")
    try service.authority.root.certificate.pem.write(
      toFile: root, atomically: true, encoding: .utf8)
    let producer = try service.channel(asService: "settlement")
    let scene = Scene(
      service: service, directory: directory, port: try await web.server.start(), root: root)
    do {
      try await body(scene, LogServiceClient(producer))
    } catch {
      Issue.record(error)
    }
    await web.server.shutdown(grace: .seconds(1))
    await producer.close()
    signing.cancel()
    _ = await signing.result
    await service.shutdown()
  }

  @Test(arguments: ["resources", "refusals", "flood"])
  func anyoneReadsWhatIsPublishedAndNothingElse(_ check: String) async throws {
    try await withScene { scene, producer in
      try await scene.append(1...300, producer)
      let result = try await scene.python(check)
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test func anAddressThatAsksTooOftenIsToldToWait() async throws {
    try await withScene(settings: ["public-requests-per-second": "2"]) { scene, _ in
      let result = try await scene.python("limited")
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test func whatHasBegunIsAnsweredBeforeTheServerStops() async throws {
    let authority = try TestAuthority()
    let tls = try TLSContextStore(try authority.credential(for: .service("audit")).tls())
    let directory = try TemporaryDirectory()
    let root = directory.file("root.pem")
    try authority.root.certificate.pem.write(toFile: root, atomically: true, encoding: .utf8)
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let (released, release) = AsyncStream.makeStream(of: Void.self)
    var configuration = WebServerConfiguration(host: "127.0.0.1", port: 0)
    configuration.idleTimeout = .seconds(10)
    let server = WebServer(configuration: configuration, tls: tls, logger: Logger(label: "web")) {
      _ in
      begin.finish()
      for await _ in released {}
      return WebResponse(
        contentType: "text/plain", cacheControl: "no-store", body: Array("late".utf8))
    }
    let port = try await server.start()
    let script = OtherPrograms.folder.appending(path: "Python/web.py").path
    async let client = OtherPrograms.run("python3", ["-B", script, "\(port)", root, "slow"])
    for await _ in begun {}
    async let stopped: Void = server.shutdown(grace: .seconds(20))
    while Self.accepts(port) { await Task.yield() }
    release.finish()
    await stopped
    let result = try await client
    #expect(result.status == 0, "\(result.output)")
  }

  /// Whether anybody listens on the port.
  private static func accepts(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  @Test func whoSendsNothingIsCutOff() async throws {
    let authority = try TestAuthority()
    let tls = try TLSContextStore(try authority.credential(for: .service("audit")).tls())
    let directory = try TemporaryDirectory()
    let root = directory.file("root.pem")
    try authority.root.certificate.pem.write(toFile: root, atomically: true, encoding: .utf8)
    var configuration = WebServerConfiguration(host: "127.0.0.1", port: 0)
    configuration.idleTimeout = .milliseconds(200)
    let server = WebServer(configuration: configuration, tls: tls, logger: Logger(label: "web")) {
      _ in .refusal(404, "nothing")
    }
    let port = try await server.start()
    let script = OtherPrograms.folder.appending(path: "Python/web.py").path
    let result = try await OtherPrograms.run("python3", ["-B", script, "\(port)", root, "idle"])
    #expect(result.status == 0, "\(result.output)")
    await server.shutdown(grace: .seconds(1))
  }

  /// What an operator gets from an authority of the public web, in files; its root.
  private func issue(_ authority: TestAuthority, to directory: TemporaryDirectory) throws -> String
  {
    let credential = try authority.credential(for: .service("web"))
    try credential.chain.map(\.pem).joined().write(
      toFile: directory.file("web.pem"), atomically: true, encoding: .utf8)
    try KeyFile.write(credential.key.pem(), to: directory.file("web.key"))
    return authority.root.certificate.pem
  }

  @Test func theListenersOwnCertificateIsShownAndItsRenewalTakenOver() async throws {
    let files = try TemporaryDirectory()
    let root = try issue(TestAuthority(), to: files)
    let settings = [
      "public-certificate-file": files.file("web.pem"), "public-key-file": files.file("web.key"),
    ]
    try await withScene(settings: settings) { scene, _ in
      let web = try #require(
        scene.service.parts.services.compactMap { $0 as? PublicLogService }.first)
      let address = try WebAddress("https://localhost:\(scene.port)")
      let client = try WebClient(address, trust: .roots(pem: root))
      let first = try await client.get("/checkpoint")
      #expect(first.status == 200)
      client.close()
      let newRoot = try issue(TestAuthority(), to: files)
      web.certificate?.takeOverChanges()
      try KeyFile.write("no key", to: files.file("web.key"))
      web.certificate?.takeOverChanges()
      let next = try WebClient(address, trust: .roots(pem: newRoot))
      let second = try await next.get("/checkpoint")
      #expect(second.status == 200)
      next.close()
      let old = try WebClient(address, trust: .roots(pem: root))
      await #expect(throws: WebFailure.self) { try await old.get("/checkpoint") }
    }
  }

  @Test func halfACertificateIsAMistake() async throws {
    let files = try TemporaryDirectory()
    _ = try issue(TestAuthority(), to: files)
    await #expect(throws: StartupError.self) {
      try await TestService(
        AuditService.self, settings: ["public-certificate-file": files.file("web.pem")])
    }
  }

  /// Around the borders of tiles of both levels.
  private static let sizes: [Int64] = [
    1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_001,
  ]

  @Test(
    .enabled(if: OtherPrograms.hasChecksumDatabase, "golang-golang-x-mod-dev is not installed"))
  func aMonitorThatNeverHeardOfUsFollowsTheLog() async throws {
    try await withScene { scene, producer in
      let monitor = scene.directory.file("monitor")
      let built = try await OtherPrograms.run(
        "go", ["build", "-o", monitor, "."], in: OtherPrograms.folder.appending(path: "Go"),
        ["GO111MODULE": "off", "GOPATH": "/usr/share/gocode"])
      try #require(built.status == 0, "\(built.output)")
      let key = scene.directory.file("log.vkey")
      let verifier = try await producer.getCheckpoint(.init()).verifierKey
      try verifier.write(toFile: key, atomically: true, encoding: .utf8)
      var last: Int64 = 0
      for size in Self.sizes {
        try await scene.append((last + 1)...size, producer)
        last = size
        let followed = try await OtherPrograms.run(
          monitor, ["https://127.0.0.1:\(scene.port)", key, scene.root, "\(size)"])
        #expect(followed.status == 0, "\(followed.output)")
        #expect(followed.output.contains("FOLLOWED \(size), refused "), "\(followed.output)")
      }
    }
  }
}
