"""As much of protobuf's wire format as talking to LedgerService takes."""
from typing import Iterator


def varint(value: int) -> bytes:
    head = bytearray()
    while value > 127:
        head.append(value & 127 | 128)
        value >>= 7
    head.append(value)
    return bytes(head)


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value) if value else b""


def text(field: int, content: str | bytes) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content if content else b""


def message(field: int, content: bytes) -> bytes:
    """Unlike a text, a message that is empty is there."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message in the order they came."""
    at = 0
    while at < len(content):
        key, at = _read(content, at)
        value, at = _read(content, at)
        match key & 7:
            case 0:
                yield key >> 3, value
            case 2:
                yield key >> 3, content[at:at + value]
                at += value
            case kind:
                raise ValueError(f"wire type {kind} is not used by LedgerService")


def _read(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
