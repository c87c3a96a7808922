"""Calls our echo server with grpcio. Usage: echo_client.py HOST:PORT FOLDER CHECK...

FOLDER holds ca.pem, cert.pem and key.pem. Prints a line for each check that held; exits non-zero at the first that did not.
"""

import pathlib
import queue
import sys
import threading
import time

import grpc
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

SERVICE = "/ndx.test.v1.EchoService/"
CODES = grpc.StatusCode


def connect(target, folder, options=()):
    folder = pathlib.Path(folder)
    credentials = grpc.ssl_channel_credentials(
        (folder / "ca.pem").read_bytes(),
        (folder / "key.pem").read_bytes(),
        (folder / "cert.pem").read_bytes(),
    )
    return grpc.secure_channel(target, credentials, options=list(options))


def method(channel, kind, name):
    encode, decode = any_pb2.Any.SerializeToString, any_pb2.Any.FromString
    return getattr(channel, kind)(SERVICE + name, encode, decode)


def echo(text="", value=b""):
    return any_pb2.Any(type_url=text, value=value)


def failure(call, *arguments, **options):
    try:
        result = call(*arguments, **options)
        if hasattr(result, "__iter__"):
            list(result)
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call succeeded")


def unary(channel):
    call = method(channel, "unary_unary", "Echo")
    for value in (b"", b"x", bytes(3_000_000)):
        request = echo("xin chào", value)
        assert call(request, timeout=20) == request
    assert call(echo(), timeout=20).ByteSize() == 0


def concurrent(channel):
    call = method(channel, "unary_unary", "Echo")
    futures = [call.future(echo(str(i), bytes(i))) for i in range(2000)]
    for i, future in enumerate(futures):
        assert future.result(timeout=20) == echo(str(i), bytes(i))


def server_streaming(channel):
    call = method(channel, "unary_stream", "Count")
    answers = list(call(echo("2000", bytes(1000)), timeout=20))
    assert [a.type_url for a in answers] == [str(i) for i in range(2000)]
    assert list(call(echo("0"), timeout=20)) == []


def client_streaming(channel):
    call = method(channel, "stream_unary", "Collect")
    parts = [str(i) for i in range(1000)]
    answer = call((echo(p, bytes(2000)) for p in parts), timeout=20)
    assert answer.type_url == "".join(parts)


def bidirectional(channel):
    call = method(channel, "stream_stream", "Chat")
    requests = [echo(str(i)) for i in range(500)]
    assert list(call(iter(requests), timeout=20)) == requests
    # One at a time: each answer comes before the next question.
    turn = threading.Semaphore(1)

    def questions():
        for i in range(20):
            turn.acquire()
            yield echo(str(i))

    for i, answer in enumerate(call(questions(), timeout=20)):
        assert answer.type_url == str(i)
        turn.release()


def cancelled(channel, count):
    """Waits until the server has seen this many more of its handlers cancelled."""
    method(channel, "unary_unary", "Cancelled")(echo(str(count)), timeout=20)


def deadline(channel):
    began = time.monotonic()
    error = failure(method(channel, "unary_unary", "Hang"), echo(), timeout=0.3)
    assert error.code() == CODES.DEADLINE_EXCEEDED, error
    assert time.monotonic() - began < 5
    cancelled(channel, 1)
    # Each is written in another unit of grpc-timeout; the server caps the last.
    for seconds in (2, 250, 900_000):
        left = float(method(channel, "unary_unary", "Remaining")(echo(), timeout=seconds).type_url)
        most = min(seconds, 300) * 1000
        assert most - 2000 < left <= most + 1000, (seconds, left)


def cancel(channel):
    count = method(channel, "unary_stream", "Count")(echo("100000000", bytes(1000)))
    questions = queue.Queue()
    questions.put(echo("x"))
    chat = method(channel, "stream_stream", "Chat")(iter(questions.get, None))
    for stream in (count, chat):
        next(stream)
        stream.cancel()
        assert failure(lambda: list(stream)).code() == CODES.CANCELLED
    questions.put(None)
    cancelled(channel, 2)
    unary(channel)


def expired_calls(channel):
    """More calls run into their deadline than the server takes for a flood of resets: a client whose calls are slow is
    no attacker, and keeps its connection."""
    hang, address = method(channel, "unary_unary", "Hang"), method(channel, "unary_unary", "Address")
    before = address(echo(), timeout=20)
    for _ in range(2):
        futures = [hang.future(echo(), timeout=0.5) for _ in range(200)]
        for future in futures:
            assert future.code() == CODES.DEADLINE_EXCEEDED, future
    assert address(echo(), timeout=20) == before, "the connection was ended"


def restart(channel):
    """Has a stream open while the server shuts down, and calls again when it is back."""
    questions = queue.Queue()
    answers = method(channel, "stream_stream", "Chat")(iter(questions.get, None))

    def say(text):
        questions.put(echo(text))
        assert next(answers).type_url == text

    say("before")
    print("streaming", flush=True)
    sys.stdin.readline()
    say("after")
    questions.put(None)
    assert list(answers) == []
    print("streamed", flush=True)
    call = method(channel, "unary_unary", "Echo")
    assert call(echo("again"), wait_for_ready=True, timeout=60) == echo("again")


def metadata(channel):
    call = method(channel, "unary_unary", "Context")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = call(
        echo(),
        timeout=20,
        metadata=[
            ("x-test", "one two"),
            ("accept-language", "en-GB,en;q=0.9,vi;q=0.5"),
            ("traceparent", f"00-{trace}-00f067aa0ba902b7-01"),
        ],
    )
    expected = f"spiffe://test.ndx/service/caller en {trace} one two"
    assert answer.type_url == expected, answer.type_url


def mirrored_metadata(channel):
    """What we send comes back: text before the answer, bytes after it."""
    call = method(channel, "unary_unary", "Mirror")
    values = [bytes(range(256)), b"", b"one", b"\0,"]
    sent = [("x-text", "one"), ("x-text", "two, three ~")] + [("x-data-bin", value) for value in values]
    _, answered = call.with_call(echo(), timeout=20, metadata=sent)
    assert [v for k, v in answered.initial_metadata() if k == "x-text"] == ["one", "two, three ~"]
    assert [v for k, v in answered.trailing_metadata() if k == "x-data-bin"] == values


def error_details(channel):
    error = failure(method(channel, "unary_unary", "Fail"), echo("cá"), timeout=20)
    assert error.code() == CODES.FAILED_PRECONDITION, error
    assert error.details() == "Refused: cá 100%", error.details()
    trailers = {k: v for k, v in error.trailing_metadata()}
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))

    def parse(name, data):
        kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
        return kind.FromString(data)

    status = parse("google.rpc.Status", trailers["grpc-status-details-bin"])
    assert status.code == CODES.FAILED_PRECONDITION.value[0]
    details = {}
    for item in status.details:
        name = item.type_url.rsplit("/", 1)[1]
        details[name] = parse(name, item.value)
    info = details["google.rpc.ErrorInfo"]
    assert (info.reason, info.domain, dict(info.metadata)) == ("REFUSED", "ndx.test", {"what": "cá"})
    assert details["google.rpc.BadRequest"].field_violations[0].field == "type_url"
    assert details["google.rpc.RetryInfo"].retry_delay.ToMilliseconds() == 1500
    text = details["google.rpc.LocalizedMessage"]
    assert (text.locale, text.message) == ("vi", "Bị từ chối: cá"), text


def refusals(channel):
    error = failure(method(channel, "unary_unary", "Nothing"), echo(), timeout=20)
    assert error.code() == CODES.UNIMPLEMENTED, error
    error = failure(channel.unary_unary("/no.Service/Nothing"), b"", timeout=20)
    assert error.code() == CODES.UNIMPLEMENTED, error
    raw = channel.unary_unary(SERVICE + "Echo")
    assert failure(raw, b"\xff\xff\xff", timeout=20).code() == CODES.INVALID_ARGUMENT
    unary(channel)


def large(channel):
    """Crosses the limit of 4 MiB that both sides have by default."""
    error = failure(method(channel, "unary_unary", "Echo"), echo("", bytes(5_000_000)), timeout=20)
    assert error.code() == CODES.RESOURCE_EXHAUSTED, error
    error = failure(method(channel, "unary_unary", "Inflate"), echo("5000000"), timeout=20)
    assert error.code() == CODES.RESOURCE_EXHAUSTED, error
    unary(channel)


def gzip(channel):
    """Compressed requests are read, in unary calls and in streams; one that would be too large is refused."""
    call = method(channel, "unary_unary", "Echo")
    request = echo("x" * 100_000, bytes(1_000_000))
    assert call(request, timeout=20, compression=grpc.Compression.Gzip) == request
    questions = [echo(str(i), bytes(10_000)) for i in range(100)]
    chat = method(channel, "stream_stream", "Chat")
    assert list(chat(iter(questions), timeout=20, compression=grpc.Compression.Gzip)) == questions
    bomb = failure(call, echo("", bytes(20_000_000)), timeout=20, compression=grpc.Compression.Gzip)
    assert bomb.code() == CODES.RESOURCE_EXHAUSTED, bomb
    unary(channel)


def health(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    ask = health_pb2.HealthCheckRequest
    serving = health_pb2.HealthCheckResponse.SERVING
    assert stub.Check(ask(), timeout=20).status == serving
    assert stub.Check(ask(service="ndx.test.v1.EchoService"), timeout=20).status == serving
    error = failure(stub.Check, ask(service="nothing"), timeout=20)
    assert error.code() == CODES.NOT_FOUND, error
    watch = stub.Watch(ask(service="ndx.test.v1.EchoService"))
    assert next(watch).status == serving
    watch.cancel()
    unknown = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    assert next(stub.Watch(ask(service="nothing"), timeout=20)).status == unknown


def reflection_v1alpha(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    services = database.get_services()
    for name in ("ndx.test.v1.EchoService", "grpc.health.v1.Health"):
        assert name in services, services
    pool = descriptor_pool.DescriptorPool(database)
    order = pool.FindServiceByName("ndx.settlement.v1.OrderService")
    assert order.FindMethodByName("PlaceOrder").input_type.name == "PlaceOrderRequest"
    names = [f.number for f in pool.FindMessageTypeByName("ndx.type.v1.Money").fields]
    assert names == [1, 2]
    try:
        pool.FindServiceByName("ndx.no.Service")
    except KeyError:
        return
    raise AssertionError("an unknown service was found")


def reflection_v1(channel):
    """The same questions by the newer service, whose messages have the same layout."""
    from grpc_reflection.v1alpha import reflection_pb2

    call = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )
    ask = reflection_pb2.ServerReflectionRequest
    extension = reflection_pb2.ExtensionRequest(
        containing_type="google.protobuf.FieldOptions", extension_number=50501
    )
    questions = [
        ask(list_services=""),
        ask(file_by_filename="ndx/type/v1/type.proto"),
        ask(file_containing_extension=extension),
        ask(all_extension_numbers_of_type="google.protobuf.FieldOptions"),
        ask(file_containing_symbol="nothing"),
    ]
    listed, by_name, by_extension, numbers, missing = list(call(iter(questions), timeout=20))
    assert any(s.name == "ndx.test.v1.EchoService" for s in listed.list_services_response.service)
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(f)
        for f in by_name.file_descriptor_response.file_descriptor_proto
    ]
    assert files[0].name == "ndx/type/v1/type.proto" and len(files) > 1
    assert by_extension.file_descriptor_response.file_descriptor_proto
    assert 50501 in numbers.all_extension_numbers_response.extension_number
    assert missing.error_response.error_code == CODES.NOT_FOUND.value[0]


def no_certificate(channel_arguments):
    target, folder = channel_arguments
    credentials = grpc.ssl_channel_credentials((pathlib.Path(folder) / "ca.pem").read_bytes())
    with grpc.secure_channel(target, credentials) as channel:
        error = failure(method(channel, "unary_unary", "Echo"), echo(), timeout=5)
        assert error.code() == CODES.UNAVAILABLE, error


def main():
    target, folder = sys.argv[1:3]
    for check in sys.argv[3:]:
        if check == "no_certificate":
            no_certificate((target, folder))
        else:
            with connect(target, folder) as channel:
                globals()[check](channel)
        print("ok", check, flush=True)


main()
