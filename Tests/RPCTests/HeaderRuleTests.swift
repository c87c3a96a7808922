import Model
import Synchronization
import Testing

@testable import RPC

/// What the protocol says of header fields (doc/PROTOCOL-HTTP2.md), on the wire.
@Suite struct HeaderRuleTests {
  @Test(arguments: [
    "application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8",
    "application/grpc+proto ; a=b", "Application/GRPC+Proto",
  ])
  func aContentTypeOfGRPCIsServed(_ type: String) async throws {
    try await withEcho { server, _ in
      let response = try RawCaller(server).call(replacing: ["content-type": type])
      #expect(response?.status == "0" && response?["content-type"] == "application/grpc")
    }
  }

  @Test(arguments: [
    "application/json", "application/grpc-web+proto", "application/grpcx", "text/plain", "",
    "application/", nil,
  ])
  func anotherContentTypeIsUnsupportedMedia(_ type: String?) async throws {
    try await withEcho { server, _ in
      let response = try RawCaller(server).call(replacing: ["content-type": type])
      #expect(response?[":status"] == "415" && response?.status == nil)
    }
  }

  @Test func messagesInAnotherFormatAreUnimplemented() async throws {
    try await withEcho { server, _ in
      let response = try RawCaller(server).call(replacing: [
        "content-type": "application/grpc+json"
      ])
      #expect(response?[":status"] == "200" && response?.status == "12")
      #expect(response?.isTrailersOnly == true)
    }
  }

  @Test(arguments: ["GET", "PUT", "post"])
  func onlyPostIsAllowed(_ method: String) async throws {
    try await withEcho { server, _ in
      let response = try RawCaller(server).call(replacing: [":method": method])
      #expect(response?[":status"] == "405" && response?["allow"] == "POST")
    }
  }

  @Test(arguments: [
    "/ndx.test.v1.EchoService/echo", "/NDX.test.v1.EchoService/Echo",
    "/ndx.test.v1.EchoService/Echo/", "/ndx.test.v1.EchoService/Echo?a=b",
    "//ndx.test.v1.EchoService/Echo", "/ndx.test.v1.Nothing/Echo", "/",
  ])
  func aPathIsTheMethodsOwnOrUnimplemented(_ path: String) async throws {
    try await withEcho { server, _ in
      let response = try RawCaller(server).call(path: path)
      #expect(response?.status == "12" && response?.isTrailersOnly == true)
      #expect(response?["grpc-message"] == "There is no method \(path).")
    }
  }

  @Test func aLongUnknownPathIsQuotedInPart() async throws {
    try await withEcho { server, _ in
      let response = try RawCaller(server).call(path: "/" + String(repeating: "%", count: 5000))
      #expect(response?.status == "12")
      #expect(response.flatMap { $0["grpc-message"] }.map { $0.utf8.count < 1000 } == true)
    }
  }

  @Test(arguments: ["content-type", "grpc-timeout", "grpc-encoding"])
  func aFieldThatComesTwiceIsMalformed(_ name: String) async throws {
    try await withEcho { server, _ in
      let values = [
        "content-type": "application/grpc", "grpc-timeout": "5S", "grpc-encoding": "identity",
      ]
      let field = (name: name, value: values[name] ?? "")
      let twice = name == "content-type" ? [field] : [field, field]
      let response = try RawCaller(server).call(adding: twice)
      #expect(response?.status == "13" && response?.isTrailersOnly == true)
    }
  }

  @Test(arguments: [
    ("0S", "4"), ("00000000n", "4"), ("1n", "4"), ("99999999H", "0"), ("5000m", "0"),
    ("5s", "3"), ("", "3"), ("S", "3"), ("5", "3"), ("-5S", "3"), ("5.0S", "3"),
    ("123456789n", "3"), ("0x5S", "3"), ("５S", "3"),
  ])
  func aTimeoutIsReadStrictly(_ timeout: String, _ status: String) async throws {
    try await withEcho { server, _ in
      let path = status == "4" ? "/ndx.test.v1.EchoService/Hang" : "/ndx.test.v1.EchoService/Echo"
      let response = try RawCaller(server).call(
        path: path, adding: [("grpc-timeout", timeout)])
      #expect(response?.status == status)
    }
  }

  @Test func aRequestWithoutTrailersIsRefused() async throws {
    try await withEcho { server, _ in
      let response = try RawCaller(server).call(replacing: ["te": nil])
      #expect(response?.status == "13")
    }
  }

  /// Details first, then the end of the message: the status always arrives.
  @Test(arguments: [
    (16_384, true, "Refused 100%25."), (205, false, "Refused 100%25."), (194, false, "Refu"),
    (60, false, nil),
  ])
  func aStatusIsCutToWhatThePeerTakes(
    limit: Int, hasDetails: Bool, message: String?
  ) async throws {
    try await withEcho { server, _ in
      let caller = try RawCaller(server)
      caller.raw.send(
        type: 4, [0, 6, 0, 0, UInt8(limit >> 8), UInt8(limit & 255)])
      let response = try #require(caller.call(path: "/ndx.test.v1.EchoService/Fail"))
      #expect(response.status == "9")
      #expect(response["grpc-message"] == message)
      #expect((response["grpc-status-details-bin"] != nil) == hasDetails)
    }
  }

  @Test func interceptorsHearOfCallsThatDoNotReachThem() async throws {
    let refusals = Refusals()
    try await withEcho(interceptors: [refusals]) { server, _ in
      let caller = try RawCaller(server)
      _ = caller.call(path: "/nothing")
      _ = caller.call(replacing: [":method": "GET"])
      _ = caller.call(adding: [("grpc-timeout", "bad")])
      _ = caller.call(body: [9, 0, 0, 0, 0])
      _ = caller.call()
      #expect(
        refusals.seen.withLock { $0 } == [
          "unknown UNIMPLEMENTED", "unknown UNKNOWN", "Echo INVALID_ARGUMENT", "Echo INTERNAL",
        ])
    }
  }
}

private final class Refusals: ServerInterceptor {
  let seen = Mutex<[String]>([])
  func refused(_ method: MethodDescriptor?, from peer: Peer, status: StatusCode) {
    seen.withLock { $0.append("\(method?.name ?? "unknown") \(status.name)") }
  }
}
