#!/usr/bin/env python3
"""Calls every RPC of a running exchange with grpcio and filled-in requests.

    every_rpc.py EXCHANGE CONNECTOR

EXCHANGE is the folder of `ndx up`, CONNECTOR the address of a connector. Every method must reach its handler for some
caller: an answer, or a refusal that names a reason of its own in the language asked for. Prints a line per
method; exits 1 if a method is missing, fails inside, or refuses without a reason.
"""
import pathlib
import sys
import uuid

import grpc
from google.protobuf import timestamp_pb2
from google.rpc import error_details_pb2, status_pb2

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Examples/clients/python"))
from ndx_client import Exchange, Profile, Server  # noqa: E402

FAULTS = {
    grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.DATA_LOSS,
}
VALUES = {
    "currency_code": "VND", "jurisdiction": "VN", "audience": "audit", "connector_address": "127.0.0.1:1",
    "hosts": "localhost", "path": "a.csv", "territories": "VN", "traceparent": "",
}
# Whose calls reach the handlers: between them these hold every role.
CALLERS = [
    "company", "ministry", "registrar-1", "security-officer", "reviewer", "clearing-officer",
    "arbiter", "auditor", "citizen",
]


def value(field):
    """A value that satisfies the rules of the field."""
    if field.type == field.TYPE_MESSAGE:
        if field.message_type.full_name == "google.protobuf.Timestamp":
            now = timestamp_pb2.Timestamp()
            now.GetCurrentTime()
            return {"seconds": now.seconds}
        return fill(field.message_type)
    if field.type == field.TYPE_ENUM:
        return 1
    if field.type == field.TYPE_BYTES:
        return bytes(32)
    if field.type == field.TYPE_BOOL:
        return False
    if field.type == field.TYPE_STRING:
        if field.name == "id" or field.name.endswith(("_id", "_ids")) and field.name != "legal_id":
            return str(uuid.uuid4())
        return VALUES.get(field.name, "x")
    return 1


def fill(message):
    """The fields of a request, one item in every list."""
    fields = {}
    for field in message.fields:
        if field.name in ("page_token", "traceparent") or field.has_presence and field.containing_oneof:
            continue
        fields[field.name] = [value(field)] if field.is_repeated else value(field)
    return fields


def outcome(server, method):
    """What one call gives: its code and reason."""
    path = f"{method.containing_service.full_name}/{method.name}"
    try:
        answer = server.call(path, **fill(method.input_type))
        if method.server_streaming:
            next(iter(answer))
            answer.cancel()
        return grpc.StatusCode.OK, ""
    except grpc.RpcError as error:
        details = dict(error.trailing_metadata()).get("grpc-status-details-bin", b"")
        return error.code(), reason(status_pb2.Status.FromString(details))


def reason(status):
    info, text = error_details_pb2.ErrorInfo(), error_details_pb2.LocalizedMessage()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(text)
    return info.reason if text.locale == "en" and text.message else ""


def check(method, servers):
    """Whether the method reached its handler for some caller; prints what it said."""
    found = [outcome(server, method) for server in servers]
    faults = [f for f in found if f[0] in FAULTS or f[0] != grpc.StatusCode.OK and not f[1]]
    reached = [f for f in found if f[0] not in (grpc.StatusCode.PERMISSION_DENIED, *FAULTS)]
    best = min(reached or faults or found, key=lambda f: f[0] != grpc.StatusCode.OK)
    print(f"{method.containing_service.full_name}/{method.name}: {best[0].name} {best[1]}")
    return bool(reached) and not faults


def main(folder, connector):
    folder = pathlib.Path(folder)
    profiles = [Profile(folder / "profiles" / name) for name in CALLERS]
    exchanges = [Exchange(profile) for profile in profiles]
    services = [Profile(folder / "profiles" / "auditor") for _ in range(2)]
    for profile, name in zip(services, ("catalog", "settlement")):
        profile.key_pem = profile.chain_pem = (folder / f"services/{name}/credential.pem").read_bytes()
    held, seen = True, 0
    for name in ("identity", "catalog", "settlement", "audit"):
        servers = [getattr(exchange, name) for exchange in exchanges]
        servers += [Server(profile, profile.endpoints[name]) for profile in services]
        for offered in [s for s in servers[0].services() if s.startswith("ndx.")]:
            for method in servers[0].methods(offered):
                held &= check(method, servers)
                seen += 1
    server = Server(profiles[0], connector)
    for method in server.methods("ndx.delivery.v1.DeliveryService"):
        held &= check(method, [server])
        seen += 1
    print(f"{seen} methods")
    return 0 if held and seen > 60 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
