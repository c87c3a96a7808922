import ArgumentParser
import Client
import Model
import RPC
import Stubs
import Synchronization

extension OrderCommand {
  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print each change of the profile's orders as it happens; of all, for staff.",
      discussion: """
        One line for each: cursor, order, state of the order, state of its agreement. --after goes on \
        behind a cursor and misses nothing; it is given once for each instance of settlement, whose \
        name is a part of the cursor where there are several. With --output json each line is an \
        OrderChange. It goes on until Ctrl-C, --count, or an instance that cannot be reached.
        """)
    @OptionGroup var session: SessionOptions
    @Option(help: "The cursor of the last change seen, 0 for all; changes from now on by default.")
    var after: [ChangeCursor] = []
    @Option(help: "Stop after this many changes.") var count: Int?

    func validate() throws {
      guard count ?? 1 > 0 else { throw ValidationError("--count must be above 0.") }
      guard Set(after.map(\.instance)).count == after.count else {
        throw ValidationError("Give --after once for each instance.")
      }
    }

    func run() async throws {
      let output = ChangeOutput(session.display.output, limit: count)
      try await session.connected { exchange in
        let instances = try await exchange.settlement.all()
        let names = Set(instances.map(\.name))
        if let stranger = after.first(where: { !names.contains($0.instance) }) {
          let text = Text(
            vi: "Không có phân vùng nào có con trỏ \(stranger).",
            en: "No instance has the cursor \(stranger).")
          throw UsageError(text: text)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
          for instance in instances {
            group.addTask { try await follow(instance, output) }
          }
          defer { group.cancelAll() }
          try await group.next()
        }
      }
    }

    /// Returns when the output has had enough.
    private func follow(
      _ instance: SettlementInstances.Instance, _ output: ChangeOutput
    ) async throws {
      let start = after.first { $0.instance == instance.name }?.number
      let changes = OrderServiceClient(instance.channel).watchOrders(
        .init(afterCursor: start ?? 0, fromNow: start == nil))
      for try await step in changes {
        for change in step.changes {
          guard try output.take(change, of: instance.name) else { return }
        }
      }
    }
  }
}

/// Where a change stands: `17`, or `p1/17` where there are several instances.
struct ChangeCursor: ExpressibleByArgument, CustomStringConvertible {
  let instance: String
  let number: Int64

  init(instance: String, number: Int64) {
    self.instance = instance
    self.number = number
  }

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let last = parts.last, let number = Int64(last),
      number >= 0
    else { return nil }
    self.init(instance: parts.count == 2 ? String(parts[0]) : "", number: number)
  }

  var description: String { instance.isEmpty ? "\(number)" : "\(instance)/\(number)" }
}

/// Prints the changes of all instances, one after the other.
private final class ChangeOutput: Sendable {
  private let format: OutputFormat
  private let left: Mutex<Int>

  init(_ format: OutputFormat, limit: Int?) {
    self.format = format
    left = Mutex(limit ?? .max)
  }

  /// - Returns: whether there may be more.
  func take(_ change: SettlementV1.OrderChange, of instance: String) throws -> Bool {
    try left.withLock { left in
      guard left > 0 else { return false }
      left -= 1
      Console.write(try line(change, instance))
      return left > 0
    }
  }

  private func line(_ change: SettlementV1.OrderChange, _ instance: String) throws -> String {
    switch format {
    case .json:
      return try ProtoJSON.text(of: Located(change: change, instance: instance), pretty: false)
    case .text:
      let cursor = ChangeCursor(instance: instance, number: change.cursor)
      let states = [change.state.argumentName, change.agreementState.argumentName]
      return ([cursor.description, change.order.id.description] + states)
        .filter { !$0.isEmpty }.joined(separator: "  ")
    }
  }

  /// The message with the instance that it came from, where there are several.
  private struct Located: Encodable {
    let change: SettlementV1.OrderChange
    let instance: String

    enum Key: String, CodingKey { case instance }

    func encode(to encoder: any Encoder) throws {
      try change.encode(to: encoder)
      guard !instance.isEmpty else { return }
      var fields = encoder.container(keyedBy: Key.self)
      try fields.encode(instance, forKey: .instance)
    }
  }
}
