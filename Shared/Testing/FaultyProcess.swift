import Crypto
import Foundation
import Logging
import Model
package import RPC
import ServiceRuntime
import Stubs

/// The executable of a service on a disk that fails, or under which it dies, on command. Identity stands beside it.
package final class FaultyProcess {
  package enum Fault: Int64 {
    /// kill -9 at a write or fsync, half of the write done.
    case death = 1
    /// Nothing more can be written.
    case diskFull = 2
  }

  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  package let process: ServiceProcess
  package let directory: TemporaryDirectory
  package let authority: TestAuthority
  private let service: String
  private let identity: RPCServer
  private let control: FileHandle
  private var address = ""

  /// - Parameters:
  ///   - service: its name; it is not started yet.
  ///   - arguments: settings beside folder, addresses and trust domain.
  ///   - directory: its folder; one that was used before goes on from there.
  ///   - identityMethods: what identity answers beside keys and a feed.
  package init(
    _ service: String, arguments: [String] = [], authority: TestAuthority? = nil,
    in directory: TemporaryDirectory? = nil, identityMethods: [RegisteredMethod] = []
  ) async throws {
    self.service = service
    self.directory = try directory ?? TemporaryDirectory()
    let (authority, directory) = (try authority ?? TestAuthority(), self.directory)
    self.authority = authority
    identity = try Self.identity(authority, identityMethods)
    let port = try await identity.start()
    let credential = try authority.credential(for: .service(service))
    try KeyFile.write(credential.anchors.map(\.pem).joined(), to: directory.file("trust.pem"))
    try KeyFile.write(
      try credential.key.pem() + credential.chain.map(\.pem).joined(),
      to: directory.file("credential.pem"))
    try Data(count: 16).write(to: URL(filePath: directory.file("control")))
    guard let control = FileHandle(forUpdatingAtPath: directory.file("control")) else {
      throw Failure(description: "cannot write the control file")
    }
    self.control = control
    process = try ServiceProcess(
      service,
      arguments: [
        "serve", "--data-directory", directory.path, "--listen", "127.0.0.1:0",
        "--identity-address", "127.0.0.1:\(port)", "--trust-domain", authority.trustDomain,
      ] + arguments,
      environment: [
        "LD_PRELOAD": try Self.library(in: directory),
        "NDX_FAULT_CONTROL": directory.file("control"), "NDX_FAULT_FOLDER": directory.path,
      ], logFile: directory.file("\(service).log"))
  }

  /// Compiles what stands between the process and the disk.
  private static func library(in directory: TemporaryDirectory) throws -> String {
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "disk_fault.c")
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = [
      "clang", "-shared", "-fPIC", "-O1", "-o", directory.file("disk_fault.so"), source.path,
    ]
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else {
      throw Failure(description: "disk_fault.c does not compile")
    }
    return directory.file("disk_fault.so")
  }

  /// Identity as far as a service asks it on its own: keys, and a feed in which nobody is revoked.
  private static func identity(
    _ authority: TestAuthority, _ more: [RegisteredMethod]
  ) throws -> RPCServer {
    let step: @Sendable () throws -> IdentityV1.WatchRevocationsResponse = {
      try IdentityV1.WatchRevocationsResponse(epoch: 0, asOf: WallClock.system.now())
        .signed(by: authority.tokenKey, keyID: authority.tokenKeyID)
    }
    return RPCServer(
      configuration: RPCServerConfiguration(),
      tls: try TLSContextStore(try authority.credential(for: .service("identity")).tls()),
      methods: [
        .unary(TokenServiceMethods.getJwks) { (_: IdentityV1.GetJwksRequest, _: CallContext) in
          IdentityV1.GetJwksResponse(jwks: authority.keys.text)
        },
        .serverStreaming(CredentialServiceMethods.watchRevocations) {
          (
            _: IdentityV1.WatchRevocationsRequest, _: CallContext,
            writer: ResponseWriter<IdentityV1.WatchRevocationsResponse>
          ) in
          while true {
            try await writer.write(try step())
            try await Task.sleep(for: .seconds(1))
          }
        },
      ] + more, logger: Logger(label: "identity") { _ in SwiftLogNoOpLogHandler() })
  }

  // MARK: Life

  /// Starts it, on what is in its folder, and returns once it is ready.
  package func start() async throws {
    let line = try JSON(parsing: try await process.startUntilReady().utf8)
    guard let address = line["address"]?.string else {
      throw Failure(description: "does not say where it is")
    }
    self.address = address
  }

  /// A channel to the process as it runs now.
  package func channel(as caller: TestCaller) throws -> RPCChannel {
    try channel(
      caller.credential,
      TestTokens(authority: authority, caller: caller, audience: service, clock: .system))
  }

  /// As `channel(as:)`, for another service.
  package func channel(asService name: String) throws -> RPCChannel {
    try channel(try authority.credential(for: .service(name)), nil)
  }

  private func channel(
    _ credential: Credential, _ tokens: (any CallCredentials)?
  ) throws -> RPCChannel {
    RPCChannel(
      target: address, tls: try TLSContextStore(try credential.tls()),
      expecting: .service(service, trustDomain: authority.trustDomain), credentials: tokens)
  }

  /// Repeats a first call until the process has identity's keys and feed, without which it takes none.
  package func untilItBelieves(_ call: () async throws -> Void) async throws {
    for _ in 1...100 {
      do {
        return try await call()
      } catch let status as RPCStatus
        where [.unavailable, .unauthenticated].contains(status.code)
      {
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    throw Failure(description: "takes no calls:\n\(process.log)")
  }

  package func stop() async throws {
    _ = try await process.terminate()
    await identity.shutdown(grace: .zero)
  }

  // MARK: Faults

  /// Lets the fault come at the write or fsync after `count` others.
  package func arm(_ fault: Fault, after count: Int) throws {
    try set(remaining: Int64(count), fault: fault.rawValue)
  }

  package func disarm() throws { try set(remaining: 0, fault: 0) }

  private func set(remaining: Int64, fault: Int64) throws {
    for (place, value) in [(8, Int64(0)), (0, remaining), (8, fault)] as [(UInt64, Int64)] {
      try control.seek(toOffset: place)
      try control.write(contentsOf: withUnsafeBytes(of: value.littleEndian) { Data($0) })
    }
  }
}
