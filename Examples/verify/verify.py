#!/usr/bin/env python3
"""Checks a receipt of NDX's audit log with the log's verifier key and nothing else.

    verify.py RECEIPT.json LOG.vkey

RECEIPT.json is what `ndx audit get --save` writes; LOG.vkey holds the key that you trust, which you
must have from somewhere else than the receipt. Exits 0 and prints what is proven, or exits 1 and
says what does not hold. Needs Python 3.8 and the package `cryptography`; shares no code with NDX.

Formats: c2sp.org/tlog-proof, c2sp.org/tlog-checkpoint, c2sp.org/signed-note, RFC 6962.
"""

import base64
import binascii
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """The receipt proves nothing."""


def sha256(data):
    return hashlib.sha256(data).digest()


def decode(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"malformed base64 in {what}") from None
    if base64.b64encode(data) != text:
        raise Refused(f"malformed base64 in {what}")
    return data


def number(text, what):
    if not text.isdigit() or (len(text) > 1 and text.startswith(b"0")):
        raise Refused(f"malformed {what}")
    return int(text)


def parse_key(text):
    """name+hash+key -> (name, key id, public key)"""
    parts = text.strip().encode().split(b"+", 2)
    if len(parts) != 3:
        raise Refused("malformed verifier key")
    name, key_hash, encoded = parts
    key = decode(encoded, "verifier key")
    key_id = sha256(name + b"\n" + key)[:4]
    if len(key) != 33 or key[0] != 1 or key_id.hex().encode() != key_hash:
        raise Refused("malformed verifier key")
    return name, key_id, Ed25519PublicKey.from_public_bytes(key[1:])


def open_note(note, key):
    """Returns the text of a signed note once the key's signature on it holds."""
    name, key_id, public_key = key
    text, blank, signatures = note.rpartition(b"\n\n")
    if not blank or not signatures.endswith(b"\n"):
        raise Refused("malformed checkpoint")
    text += b"\n"
    verified = False
    for line in signatures[:-1].split(b"\n"):
        parts = line.split(b" ")
        if len(parts) != 3 or parts[0] != "\u2014".encode():
            raise Refused("malformed signature line")
        signature = decode(parts[2], "signature")
        if parts[1] != name or signature[:4] != key_id:
            continue
        try:
            public_key.verify(signature[4:], text)
        except InvalidSignature:
            raise Refused("the checkpoint's signature is wrong") from None
        verified = True
    if not verified:
        raise Refused("the checkpoint is not signed by this key")
    return text


def parse_checkpoint(text, name):
    lines = text.split(b"\n")
    if len(lines) < 4 or lines[0] != name:
        raise Refused("the checkpoint is of another log")
    root = decode(lines[2], "root")
    if len(root) != 32:
        raise Refused("malformed root")
    return number(lines[1], "size"), root


def parse_proof(proof):
    head, blank, checkpoint = proof.partition(b"\n\n")
    lines = head.split(b"\n")
    if not blank or lines.pop(0) != b"c2sp.org/tlog-proof@v1":
        raise Refused("malformed proof")
    if lines and lines[0].startswith(b"extra "):
        decode(lines.pop(0)[6:], "extra data")
    if not lines or not lines[0].startswith(b"index "):
        raise Refused("malformed proof")
    index = number(lines.pop(0)[6:], "index")
    hashes = [decode(line, "proof") for line in lines]
    if any(len(hash) != 32 for hash in hashes):
        raise Refused("malformed proof")
    return index, hashes, checkpoint


def root_from(leaf, index, size, hashes):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        raise Refused("the entry is beyond the checkpoint")
    node, last, result = index, size - 1, leaf
    for sibling in hashes:
        if last == 0:
            raise Refused("the proof is too long")
        if node & 1 or node == last:
            result = sha256(b"\x01" + sibling + result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = sha256(b"\x01" + result + sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Refused("the proof is too short")
    return result


def verify(receipt, key_text):
    key = parse_key(key_text)
    index, hashes, checkpoint = parse_proof(receipt["proof"].encode())
    size, root = parse_checkpoint(open_note(checkpoint, key), key[0])
    entry = decode(receipt["entry"].encode(), "entry")
    if root_from(sha256(b"\x00" + entry), index, size, hashes) != root:
        raise Refused(f"the proof does not lead from entry {index} to the root of size {size}")
    body = json.loads(entry)
    if body.get("format") != "ndx.audit.entry/v1":
        raise Refused("the entry is not one of this kind of log")
    return index, size, root, key[0].decode(), body


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            receipt = json.load(file)
        with open(sys.argv[2], encoding="utf-8") as file:
            key_text = file.read()
        index, size, root, log, body = verify(receipt, key_text)
    except Refused as refusal:
        sys.exit(f"REFUSED: {refusal}")
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        sys.exit(f"REFUSED: malformed receipt: {error!r}")
    print(f"VERIFIED: entry {index} of {log} at size {size}, root {root.hex()}")
    for name in ("kind", "outcome", "producer", "producer_sequence", "time", "event_id"):
        print(f"  {name}: {body[name]}")


if __name__ == "__main__":
    main()
