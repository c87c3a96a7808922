"""A client of an NDX exchange on nothing but grpcio and a profile folder that `ndx enrol` made.

The messages come from the services themselves, by server reflection: there is no generated code to keep in
step. Needs PyPI's grpcio, grpcio-reflection, protobuf and cryptography.
"""
import json
import pathlib
import time
import uuid

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from google.protobuf import descriptor_pool, message_factory
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
    """One service, or a connector, with the methods and messages that it describes itself."""

    def __init__(self, profile, address, token=None):
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

    def call(self, path, /, *, timeout=20, language="en", **fields):
        """Calls `package.Service/Method` with the request's fields; streams come back as an iterator."""
        service, name = path.split("/")
        method = self.pool.FindServiceByName(service).methods_by_name[name]
        request = message_factory.GetMessageClass(method.input_type)(**fields)
        response = message_factory.GetMessageClass(method.output_type)
        kind = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        metadata = [("accept-language", language)]
        if self.token:
            metadata.append(("authorization", "Bearer " + self.token))
        return kind("/" + path, type(request).SerializeToString, response.FromString)(
            request, timeout=timeout, metadata=metadata)


class Exchange:
    """The four services, each with an access token that identity has bound to the profile's certificate."""

    def __init__(self, profile):
        self.profile = profile
        anonymous = Server(profile, profile.endpoints["identity"])
        for name in ("identity", "catalog", "settlement", "audit"):
            token = anonymous.call(
                "ndx.identity.v1.TokenService/IssueToken", request_id=request_id(), audience=name)
            setattr(self, name, Server(profile, profile.endpoints[name], token.access_token))


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
