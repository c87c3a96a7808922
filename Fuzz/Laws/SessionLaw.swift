import Logging
import Model
import NIOCore
import NIOEmbedded
import Synchronization

@testable import RPC

/// A client's moves, each a byte and what it needs, on a connection to a server with handlers of every kind.
/// Whatever the client does, the server answers with well-formed frames or ends the connection, and once the
/// connection is gone no handler runs and nothing is held.
enum SessionLaw {
  private static let moves = 64

  static func check(_ bytes: [UInt8]) throws {
    var input = FuzzInput(bytes)
    weak var connection: ServerConnection?
    try OwnThreadTasks.run {
      let session = try FuzzedSession()
      connection = session.connection
      for _ in 0..<moves where !input.isAtEnd && session.isOpen {
        try move(&input, session)
      }
      try session.end()
    }
    try require(connection == nil, "a connection is held after its end")
    try require(FuzzedService.openCalls == 0, "a call was begun and not ended")
    try require(FuzzedService.runningHandlers == 0, "a handler runs after its connection's end")
  }

  private static func move(_ input: inout FuzzInput, _ session: FuzzedSession) throws {
    let move = input.byte()
    switch move & 15 {
    case 0, 1:
      let (type, flags, stream) = (input.byte(), input.byte(), UInt32(input.byte()))
      session.send(type: type, flags: flags, stream: stream, input.take(Int(input.byte())))
    case 2: session.send(input.take(Int(input.byte())))
    case 3, 4, 5: session.call(method: input.byte(), twists: input.byte())
    case 6, 7, 8:
      let (stream, flags) = (UInt32(input.byte()), input.byte() & 1)
      let value = input.take(Int(input.byte()))
      let message = FuzzedService.message(value, isCompressed: move & 15 == 8)
      session.send(type: 0, flags: flags, stream: stream, message)
    case 9:
      let (stream, flags) = (UInt32(input.byte()), input.byte())
      session.send(type: 0, flags: flags, stream: stream, input.take(Int(input.byte())))
    case 10: session.send(type: 3, stream: UInt32(input.byte()), [0, 0, 0, input.byte()])
    case 11:
      session.send(type: 8, stream: UInt32(input.byte()), [0, 0, input.byte(), input.byte()])
    case 12: session.channel.embeddedEventLoop.advanceTime(by: .seconds(Int64(input.byte())))
    case 13: session.connection.mailbox?.post(.drain)
    case 14: session.setWritable(input.byte() & 1 == 0)
    default: session.connection.mailbox?.post(.abort)
    }
    // Moves with the high bit arrive together with the next.
    if move & 0x80 == 0 { try session.exchange() }
  }
}
