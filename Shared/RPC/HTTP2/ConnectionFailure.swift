import Glibc
import NIOCore

/// Plain words for why a connection could not be made or was lost.
enum ConnectionFailure {
  static func text(_ error: any Error) -> String {
    switch error {
    case let error as TLSError: error.description
    case let error as IOError: text(errno: error.errnoCode)
    case ChannelError.connectTimeout: "no answer in time"
    case is ChannelError: "the connection was closed"
    default: "\(error)"
    }
  }

  private static func text(errno code: CInt) -> String {
    switch code {
    case ECONNREFUSED: "connection refused"
    case ECONNRESET, EPIPE: "the peer reset the connection"
    case EHOSTUNREACH, ENETUNREACH: "the host cannot be reached"
    case ETIMEDOUT: "no answer in time"
    default: strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
  }
}
