import Foundation
import Model
import NIOCore
import NIOPosix
import RPC

/// `echo-client FOLDER PORT CONNECTIONS IN_FLIGHT CALLS BYTES`: calls Echo over mutual TLS with FOLDER's `client.pem`,
/// `client.key` and `root.pem`, with so many calls in flight on each connection, and prints one line of JSON. Before
/// what it measures it makes ten calls for each that will be in flight.
@main enum EchoClient {
  typealias Message = GoogleProtobuf.AnyMessage
  static let method = MethodDescriptor(
    service: "ndx.benchmark.v1.EchoService", name: "Echo", kind: .unary)

  static func main() async throws {
    let arguments = CommandLine.arguments
    let numbers = arguments.dropFirst(2).compactMap { Int($0) }
    guard arguments.count == 7, numbers.count == 5 else {
      FileHandle.standardError.write(
        Data("usage: echo-client FOLDER PORT CONNECTIONS IN_FLIGHT CALLS BYTES\n".utf8))
      exit(64)
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    let channels = try open(arguments[1], port: numbers[0], count: numbers[1], group)
    let request = Message(value: [UInt8](repeating: 120, count: numbers[4]))
    let load = Load(channels: channels, inFlight: numbers[2], request: request)
    _ = try await load.run(calls: load.workers * 10)
    let processor = processorSeconds()
    let start = ContinuousClock.now
    let latencies = try await load.run(calls: numbers[3]).sorted()
    let seconds = start.duration(to: .now) / .seconds(1)
    let spent = processorSeconds() - processor
    print(
      """
      {"calls": \(latencies.count), "seconds": \(seconds), "processor_seconds": \(spent), \
      "p50": \(latencies[latencies.count / 2]), "p99": \(latencies[latencies.count * 99 / 100])}
      """)
    for channel in channels { await channel.close() }
    try await group.shutdownGracefully()
  }

  /// Channels of one connection each.
  private static func open(
    _ folder: String, port: Int, count: Int, _ group: MultiThreadedEventLoopGroup
  ) throws -> [RPCChannel] {
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
    let tls = try TLSContextStore(
      TLSCredentials(
        certificateChainPEM: try text("client.pem"), privateKeyPEM: try text("client.key"),
        trustAnchorsPEM: try text("root.pem")))
    var configuration = RPCChannelConfiguration()
    configuration.maximumConnections = 1
    return (0..<count).map { _ in
      RPCChannel(
        target: "127.0.0.1:\(port)", tls: tls,
        expecting: .spiffeID("spiffe://benchmark.ndx.vn/service/echo"),
        configuration: configuration, group: group)
    }
  }

  private static func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime]
      .reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
  }
}

/// Calls in flight, each followed by the next.
struct Load: Sendable {
  let channels: [RPCChannel]
  let inFlight: Int
  let request: EchoClient.Message

  var workers: Int { channels.count * inFlight }

  /// Makes so many calls, or a few more; microseconds that each took. Throws when an answer is not the request.
  func run(calls: Int) async throws -> [Double] {
    let each = (calls + workers - 1) / workers
    return try await withThrowingTaskGroup(of: [Double].self) { group in
      for worker in 0..<workers {
        group.addTask { try await work(on: channels[worker % channels.count], calls: each) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private func work(on channel: RPCChannel, calls: Int) async throws -> [Double] {
    var latencies: [Double] = []
    latencies.reserveCapacity(calls)
    for _ in 0..<calls {
      let start = ContinuousClock.now
      let response: EchoClient.Message = try await channel.unary(EchoClient.method, request)
      guard response == request else { throw RPCStatus(code: .dataLoss, message: "another answer") }
      latencies.append(start.duration(to: .now) / .microseconds(1))
    }
    return latencies
  }
}
