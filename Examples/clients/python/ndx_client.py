"""A client of an NDX exchange on nothing but grpcio and a profile folder that `ndx enrol` made.

The messages come from the services themselves, by server reflection: there is no generated code to keep in
step. Needs PyPI's grpcio, grpcio-reflection, googleapis-common-protos and cryptography.
"""
import json
import pathlib
import threading
import time
import uuid

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from google.protobuf import descriptor_pool, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


class Profile:
    """Key, certificate chain and trusted roots of one participant's system."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.key_pem = (folder / "key.pem").read_bytes()
        self.chain_pem = (folder / "certificate.pem").read_bytes()
        self.roots_pem = (folder / "trust.pem").read_bytes()
        details = json.loads((folder / "profile.json").read_text())
        self.participant_id = details["participantID"]
        self.endpoints = details["exchange"]["endpoints"]

    def channel(self, address):
        """A channel over mutual TLS."""
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(
            self.roots_pem, self.key_pem, self.chain_pem))

    def sign(self, data):
        """ES256 as JWS and NDX write it: r and s, 32 bytes each."""
        key = serialization.load_pem_private_key(self.key_pem, None)
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def chain_der(self):
        certificates = x509.load_pem_x509_certificates(self.chain_pem)
        return [c.public_bytes(serialization.Encoding.DER) for c in certificates]


class Server:
    """One service, or a connector, with the methods and messages that it describes itself.

    `token` is a function that gives the access token for a call.
    """

    def __init__(self, profile, address, token=None):
        # A connection serves any number of calls at a time: make one, keep it.
        self.channel = profile.channel(address)
        self.token = token
        self.pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))

    def services(self):
        database = ProtoReflectionDescriptorDatabase(self.channel)
        return sorted(database.get_services())

    def methods(self, service):
        return list(self.pool.FindServiceByName(service).methods)

    def message(self, name, **fields):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))(**fields)

    def call(self, path, /, *, timeout=20, accept_language="en", traceparent=None, **fields):
        """Calls `package.Service/Method` with the request's fields; streams come back as an iterator.

        A traceparent joins the exchange's logs and audit entries to the caller's own trace (W3C Trace Context).
        """
        service, name = path.split("/")
        method = self.pool.FindServiceByName(service).methods_by_name[name]
        request = message_factory.GetMessageClass(method.input_type)(**fields)
        response = message_factory.GetMessageClass(method.output_type)
        kind = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        metadata = [("accept-language", accept_language)]
        if traceparent:
            metadata.append(("traceparent", traceparent))
        if self.token:
            metadata.append(("authorization", "Bearer " + self.token()))
        return kind("/" + path, type(request).SerializeToString, response.FromString)(
            request, timeout=timeout, metadata=metadata)


class AccessToken:
    """A token that identity has bound to the profile's certificate, and a new one before it expires."""

    def __init__(self, identity, audience):
        self.identity, self.audience = identity, audience
        self.value, self.until = None, 0
        self.lock = threading.Lock()

    def __call__(self):
        with self.lock:
            if time.time() > self.until - 30:
                issued = self.identity.call(
                    "ndx.identity.v1.TokenService/IssueToken", request_id=request_id(), audience=self.audience)
                self.value, self.until = issued.access_token, issued.expire_time.seconds
            return self.value


class Exchange:
    """The four services, each with an access token for it."""

    def __init__(self, profile):
        self.profile = profile
        issuer = Server(profile, profile.endpoints["identity"])
        for name in ("identity", "catalog", "settlement", "audit"):
            setattr(self, name, Server(profile, profile.endpoints[name], AccessToken(issuer, name)))


class Refusal:
    """What the exchange says when it does not do what it was asked to, taken from an RpcError.

    reason is for programs (docs/reference/reasons.md), text for people in the language of the call; fields broke a
    rule; retry_after is how many seconds to wait before trying again, None if that does not help.
    """

    def __init__(self, error):
        self.code, self.text = error.code(), error.details()
        self.reason, self.fields, self.retry_after = "", [], None
        status = status_pb2.Status.FromString(dict(error.trailing_metadata()).get("grpc-status-details-bin", b""))
        info, text = error_details_pb2.ErrorInfo(), error_details_pb2.LocalizedMessage()
        request, retry = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        for detail in status.details:
            if detail.Unpack(info):
                self.reason = info.reason
            elif detail.Unpack(text):
                self.text = text.message
            elif detail.Unpack(request):
                self.fields = [violation.field for violation in request.field_violations]
            elif detail.Unpack(retry):
                self.retry_after = retry.retry_delay.ToTimedelta().total_seconds()

    def __str__(self):
        return f'{self.code.name} {self.reason} [{" ".join(self.fields)}] "{self.text}"'


def request_id():
    """Makes a mutation safe to repeat: keep it until there is an answer."""
    return str(uuid.uuid4())


def wait_for(condition, seconds=30):
    """Polls until the condition gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError("the exchange did not get there in time")
