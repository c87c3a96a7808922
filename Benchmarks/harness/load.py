import subprocess
from pathlib import Path

from .paths import WORK

SERVICE = "ndx.benchmark.v1.EchoService"


def any_message(value_bytes: int, type_url: str = "") -> bytes:
    """The protobuf encoding of a google.protobuf.Any."""
    url = type_url.encode()
    value = bytes(index % 251 for index in range(value_bytes))
    return _field(1, url) + _field(2, value)


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content if content else b""


def _varint(value: int) -> bytes:
    head = b""
    while value > 127:
        head += bytes([value & 127 | 128])
        value >>= 7
    return head + bytes([value])


def request_file(message: bytes) -> Path:
    """A file with the message behind its gRPC length prefix."""
    path = WORK / f"request-{len(message)}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0" + len(message).to_bytes(4, "big") + message)
    return path


def h2load(port: int, method: str, message: bytes, *options: str) -> str:
    """Runs h2load with one thread against a method of the echo service, and returns what it prints."""
    command = [
        "h2load", "-t", "1", "-d", str(request_file(message)), "-H", "content-type: application/grpc",
        "-H", "te: trailers", *options, f"https://127.0.0.1:{port}/{SERVICE}/{method}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
