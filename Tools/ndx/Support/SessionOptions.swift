import ArgumentParser
import Client
import Foundation
import Model
import RPC

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

/// The language of a command's messages.
struct MessageOptions: ParsableArguments {
  @Option(help: "Language of messages: vi or en (default: that of the environment).")
  var language: Language?

  var effectiveLanguage: Language { language ?? Console.environmentLanguage }
}

/// How every command that has data prints.
struct OutputOptions: ParsableArguments {
  @Option(help: "Form of the data on standard output: text or json.")
  var output: OutputFormat = .text

  @OptionGroup var messages: MessageOptions

  var effectiveLanguage: Language { messages.effectiveLanguage }

  /// Prints one object.
  func show(_ value: some Presentable) throws {
    switch output {
    case .json: Console.write(try ProtoJSON.text(of: value))
    case .text: Console.write(Layout.card(value.rows(effectiveLanguage)))
    }
  }

  /// Prints one page of a list; the token of the next goes to standard error.
  func show<Item: Presentable>(_ items: [Item], of page: some Encodable, nextPageToken: String = "")
    throws
  {
    switch output {
    case .json: Console.write(try ProtoJSON.text(of: page))
    case .text:
      Console.write(Layout.table(Item.headings, items.map { $0.cells(effectiveLanguage) }))
      if !nextPageToken.isEmpty { Console.note("more: --page-token \(nextPageToken)") }
    }
  }
}

/// Who a command acts as, and how it prints.
struct SessionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder of the profile to act as, or its name below .ndx/profiles (default: NDX_PROFILE).",
      valueName: "profile"))
  var profile: String?

  @OptionGroup var display: OutputOptions

  /// The folder that `--profile` means: a path, or a name among those of the local exchange.
  func profileDirectory() throws -> String {
    let environment = ProcessInfo.processInfo.environment
    guard let name = profile ?? environment["NDX_PROFILE"], !name.isEmpty else {
      throw UsageError(
        text: Text(
          vi: "Thiếu hồ sơ: dùng --profile hoặc NDX_PROFILE.",
          en: "No profile: give --profile or set NDX_PROFILE."))
    }
    guard !name.contains("/") else { return name }
    let folder = environment["NDX_DIRECTORY"] ?? ".ndx"
    let known = "\(folder)/profiles/\(name)"
    return FileManager.default.fileExists(atPath: known) ? known : name
  }

  /// Runs with a connection as the profile's participant, and closes it.
  func connected<Value>(
    configuration: RPCChannelConfiguration = RPCChannelConfiguration(),
    _ body: (ExchangeConnection) async throws -> Value
  ) async throws -> Value {
    let directory = try profileDirectory()
    let connection = try await ExchangeConnection.open(
      try Profile.load(directory), language: display.effectiveLanguage,
      configuration: configuration)
    do {
      let value = try await body(connection)
      await connection.close()
      return value
    } catch {
      await connection.close()
      if let status = error as? RPCStatus,
        status.code == .unauthenticated || status.code == .permissionDenied
      {
        try AccessTokens.discard(in: directory)
      }
      throw error
    }
  }

  /// Runs, and prints the object that comes of it.
  func show(_ body: (ExchangeConnection) async throws -> some Presentable) async throws {
    try display.show(try await connected(body))
  }

  /// The language that messages are in, even when the arguments do not parse.
  static func language(in arguments: [String]) -> Language {
    value(of: "--language", in: arguments).flatMap { Language(rawValue: $0) }
      ?? Console.environmentLanguage
  }

  /// Whether the arguments ask for JSON, even when they do not parse.
  static func wantsJSON(in arguments: [String]) -> Bool {
    value(of: "--output", in: arguments) == OutputFormat.json.rawValue
  }

  private static func value(of flag: String, in arguments: [String]) -> String? {
    if let index = arguments.firstIndex(of: flag), index + 1 < arguments.count {
      return arguments[index + 1]
    }
    return arguments.first { $0.hasPrefix(flag + "=") }.map { String($0.dropFirst(flag.count + 1)) }
  }
}

/// What makes a change safe to repeat.
struct RequestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Repeat this id to repeat the request safely; a fresh one by default.", valueName: "uuid"))
  var requestID: RequestID?

  var id: RequestID { requestID ?? .make(at: WallClock.system.now()) }
}

/// Which page of a list.
struct PageOptions: ParsableArguments {
  @Option(help: "Most items to print.")
  var pageSize: Int32 = 50

  @Option(help: ArgumentHelp("Where the page before ended.", valueName: "token"))
  var pageToken = ""
}
