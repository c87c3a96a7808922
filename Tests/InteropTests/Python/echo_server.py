"""An echo server on grpcio with mutual TLS. Usage: echo_server.py FOLDER

FOLDER holds ca.pem, cert.pem and key.pem. Prints its port, then serves until its input ends.
"""

import concurrent.futures
import pathlib
import sys
import time

import grpc
from google.protobuf import any_pb2

SERVICE = "ndx.test.v1.EchoService"
flaky_calls = 0


def echo(request, context):
    return request


def hang(request, context):
    time.sleep(2)
    return request


def fail(request, context):
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "từ chối 100%")


def describe(request, context):
    metadata = dict(context.invocation_metadata())
    names = ("x-test", "accept-language", "traceparent")
    return any_pb2.Any(type_url=" ".join(metadata.get(name, "-") for name in names))


def count(request, context):
    for index in range(int(request.type_url)):
        yield any_pb2.Any(type_url=str(index), value=request.value)


def flaky(request, context):
    global flaky_calls
    flaky_calls += 1
    if flaky_calls < 3:
        context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
    return any_pb2.Any(type_url=str(flaky_calls))


def main():
    folder = pathlib.Path(sys.argv[1])
    codec = {
        "request_deserializer": any_pb2.Any.FromString,
        "response_serializer": any_pb2.Any.SerializeToString,
    }
    unary = {"Echo": echo, "Hang": hang, "Fail": fail, "Context": describe, "Flaky": flaky}
    methods = {n: grpc.unary_unary_rpc_method_handler(f, **codec) for n, f in unary.items()}
    methods["Count"] = grpc.unary_stream_rpc_method_handler(count, **codec)
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, methods)])
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
