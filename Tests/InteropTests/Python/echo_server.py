"""An echo server on grpcio with mutual TLS. Usage: echo_server.py FOLDER

FOLDER holds ca.pem, cert.pem and key.pem. Prints its port, then serves until its input ends.
"""

import concurrent.futures
import pathlib
import sys
import threading

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

SERVICE = "ndx.test.v1.EchoService"
flaky_calls = 0
started, cancelled = threading.Event(), threading.Event()


def echo(request, context):
    return request


def hang(request, context):
    ended = threading.Event()
    context.add_callback(ended.set)
    if request.type_url == "cancelled":
        started.set()
    ended.wait(10)
    if request.type_url == "cancelled":
        cancelled.set()
    return request


def was_started(request, context):
    return any_pb2.Any(type_url=str(started.wait(10)))


def was_cancelled(request, context):
    return any_pb2.Any(type_url=str(cancelled.wait(10)))


def fail(request, context):
    info = error_details_pb2.ErrorInfo(
        reason="REFUSED", domain="test.python", metadata={"what": request.type_url}
    )
    retry = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=2))
    violation = error_details_pb2.BadRequest.FieldViolation(field="type_url", description="bad")
    request_info = error_details_pb2.BadRequest(field_violations=[violation])
    code = grpc.StatusCode.FAILED_PRECONDITION
    status = status_pb2.Status(code=code.value[0], message="từ chối 100%")
    for detail in (info, retry, request_info):
        status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, status.message)


def describe(request, context):
    metadata = dict(context.invocation_metadata())
    context.send_initial_metadata((("x-initial", "first"), ("x-raw-bin", b"\x00\xff")))
    context.set_trailing_metadata((("x-trailing", "last"),))
    names = ("x-test", "accept-language", "traceparent")
    seen = " ".join(metadata.get(name, "-") for name in names)
    return any_pb2.Any(type_url=seen, value=metadata.get("x-own-bin", b""))


def remaining(request, context):
    return any_pb2.Any(type_url=str(context.time_remaining()))


def count(request, context):
    for index in range(int(request.type_url)):
        yield any_pb2.Any(type_url=str(index), value=request.value)


def collect(requests, context):
    return any_pb2.Any(type_url="".join(request.type_url for request in requests))


def first(requests, context):
    return next(requests)


def chat(requests, context):
    yield from requests


def flaky(request, context):
    global flaky_calls
    flaky_calls += 1
    if flaky_calls < 3:
        context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
    return any_pb2.Any(type_url=str(flaky_calls))


KINDS = {
    grpc.unary_unary_rpc_method_handler: {
        "Echo": echo,
        "Hang": hang,
        "WasStarted": was_started,
        "WasCancelled": was_cancelled,
        "Fail": fail,
        "Context": describe,
        "Remaining": remaining,
        "Flaky": flaky,
    },
    grpc.unary_stream_rpc_method_handler: {"Count": count},
    grpc.stream_unary_rpc_method_handler: {"Collect": collect, "First": first},
    grpc.stream_stream_rpc_method_handler: {"Chat": chat},
}


def main():
    folder = pathlib.Path(sys.argv[1])
    codec = {
        "request_deserializer": any_pb2.Any.FromString,
        "response_serializer": any_pb2.Any.SerializeToString,
    }
    methods = {
        name: make(function, **codec)
        for make, functions in KINDS.items()
        for name, function in functions.items()
    }
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(16))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, methods)])
    states = health.HealthServicer()
    states.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(states, server)
    reflection.enable_server_reflection([SERVICE, reflection.SERVICE_NAME], server)
    pair = ((folder / "key.pem").read_bytes(), (folder / "cert.pem").read_bytes())
    credentials = grpc.ssl_server_credentials(
        [pair], (folder / "ca.pem").read_bytes(), require_client_auth=True
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(0)


main()
