"""The other side of the codec's property tests: Google's protobuf for Python.

Reads one JSON object a line on standard input and answers each with one on standard output.
Types come from the file descriptors that the exchange serves, so these are under test as well.
"""

import base64
import json
import random
import string
import sys
import unicodedata
import uuid

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.message import DecodeError

# The JSON of Any needs the type it holds, which random bytes have not.
WITHOUT_JSON = ["google.protobuf.Any", "google.rpc.Status"]
CURRENCIES = ["VND", "USD", "JPY", "BHD"]
FORMATS = {
    1: lambda r: r.choice(CURRENCIES),
    2: lambda r: r.choice(["VN", "FR", "US"]),
    3: lambda r: r.choice(string.ascii_letters) + text_of(r, "ab9.-_", 0, 5),
    4: lambda r: r.choice(["localhost:1", "[::1]:443", "a-b.example:65535"]),
    5: lambda r: r.choice(["a", "a/b.csv", "tỉnh/huyện"]),
    6: lambda r: text_of(r, "aZ9 đấtửΩ京🙂", 1, 9),
}
INTEGERS = {
    Field.TYPE_INT32: (32, True), Field.TYPE_SINT32: (32, True), Field.TYPE_SFIXED32: (32, True),
    Field.TYPE_INT64: (64, True), Field.TYPE_SINT64: (64, True), Field.TYPE_SFIXED64: (64, True),
    Field.TYPE_UINT32: (32, False), Field.TYPE_FIXED32: (32, False),
    Field.TYPE_UINT64: (64, False), Field.TYPE_FIXED64: (64, False),
}


def text_of(r, letters, fewest, most):
    made = "".join(r.choice(letters) for _ in range(r.randint(fewest, max(fewest, most))))
    return unicodedata.normalize("NFC", made)


class Peer:
    def __init__(self, files):
        self.pool = descriptor_pool.DescriptorPool()
        for file in files:
            self.pool.AddSerializedFile(base64.b64decode(file))
        # Options are read by their bytes' own pool, in which the extension is known.
        options = self.pool.FindMessageTypeByName("google.protobuf.FieldOptions")
        self.field_options = message_factory.GetMessageClass(options)
        self.known_rules = {}
        self.rules_extension = self.pool.FindExtensionByName("ndx.rules.v1.field")

    def type(self, name):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))

    def rules(self, field):
        if field.full_name not in self.known_rules:
            options = self.field_options.FromString(field.GetOptions().SerializeToString())
            self.known_rules[field.full_name] = options.Extensions[self.rules_extension]
        return self.known_rules[field.full_name]

    def random_message(self, r, message, depth=0):
        chosen = {one: r.choice([None] + list(one.fields)) for one in message.DESCRIPTOR.oneofs
                  if not one.name.startswith("_")}
        for field in message.DESCRIPTOR.fields:
            rules = self.rules(field)
            one = field.containing_oneof
            if one in chosen:
                if chosen[one] is not field:
                    continue
            elif not self.must_be_set(rules) and r.random() < 0.4:
                continue
            self.set_field(r, message, field, rules, depth)
        return message

    @staticmethod
    def must_be_set(rules):
        return (rules.required or rules.repeated.min_items > 0 or rules.integer.gte > 0
                or rules.integer.lte < 0)

    def set_field(self, r, message, field, rules, depth):
        if not field.is_repeated:
            if field.type == Field.TYPE_MESSAGE:
                # A message with nothing in it is present all the same.
                getattr(message, field.name).SetInParent()
                self.fill(r, getattr(message, field.name), depth + 1)
            else:
                setattr(message, field.name, self.scalar(r, field, rules))
            return
        fewest = max(rules.repeated.min_items, 1 if rules.required else 0)
        most = max(fewest, min(rules.repeated.max_items or 4, 4 if depth < 2 else 1))
        count = r.randint(fewest, most) if depth < 4 else fewest
        values = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            key, value = field.message_type.fields
            for _ in range(count):
                name = self.scalar(r, key, rules)
                if value.type == Field.TYPE_MESSAGE:
                    self.fill(r, values[name], depth + 1)
                else:
                    values[name] = self.scalar(r, value, rules)
        elif field.type == Field.TYPE_MESSAGE:
            for _ in range(count):
                self.fill(r, values.add(), depth + 1)
        else:
            values.extend(self.scalar(r, field, rules, item=True) for _ in range(count))

    def fill(self, r, message, depth):
        name = message.DESCRIPTOR.full_name
        if name == "google.protobuf.Timestamp":
            message.seconds = r.choice([0, -1, 253402300799, -62135596800, r.randint(-2**33, 2**33)])
            message.nanos = r.choice([0, 1000, 999999000, 500000000, r.randrange(10**6) * 1000])
        elif name == "google.protobuf.Duration":
            message.seconds = r.choice([0, 1, -1, 315576000000, r.randint(-2**30, 2**30)])
            if -(2**31) < message.seconds < 2**31:
                message.nanos = r.randrange(10**9) * (-1 if message.seconds < 0 else 1)
        else:
            self.random_message(r, message, depth)

    def scalar(self, r, field, rules, item=False):
        kind = field.type
        in_oneof = field.containing_oneof is not None
        if kind == Field.TYPE_STRING:
            return self.string(r, rules, rules.required or item or in_oneof)
        if kind == Field.TYPE_BYTES:
            length = rules.bytes.len
            if not length:
                length = r.randint(1 if rules.required else 0, min(rules.bytes.max_len or 20, 20))
            return r.randbytes(length)
        if kind == Field.TYPE_BOOL:
            return rules.required or r.random() < 0.5
        if kind == Field.TYPE_ENUM:
            numbers = [v.number for v in field.enum_type.values if v.number or not rules.required]
            if not rules.enum.defined_only:
                numbers += [1234567, -7]
            return r.choice(numbers)
        if kind in (Field.TYPE_FLOAT, Field.TYPE_DOUBLE):
            return r.choice([0.0, 1.5, -2.25, 1e10, float("inf"), float("-inf"), 0.1])
        bits, signed = INTEGERS[kind]
        low = -(2 ** (bits - 1)) if signed else 0
        high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
        if rules.integer.HasField("gte"):
            low = max(low, rules.integer.gte)
        if rules.integer.HasField("lte"):
            high = min(high, rules.integer.lte)
        value = r.choice([low, high, 0, 1, r.randint(low, high), r.randint(low, high)])
        value = min(max(value, low), high)
        return value or (1 if rules.required else 0)

    def string(self, r, rules, must):
        if rules.id:
            return str(uuid.UUID(int=r.getrandbits(128)))
        if rules.string.format:
            value = FORMATS[rules.string.format](r)
            return value[: rules.string.max_len] if rules.string.max_len else value
        fewest = rules.string.min_len or (1 if must else 0)
        most = min(rules.string.max_len or 12, max(fewest, 12))
        return text_of(r, "aZ9 đấtửΩ京🙂\n\"\\é", fewest, most)

    def generate(self, command):
        r = random.Random(command["seed"])
        kind = self.type(command["type"])
        made = []
        for _ in range(command["count"]):
            message = self.random_message(r, kind())
            data = message.SerializeToString()
            unknown = b""
            if r.random() < 0.5:
                # Fields 536870000 and up are nobody's: a number, eight bytes, a text, four bytes.
                unknown = (b"\x80\xfd\xff\xff\x0f\x96\x01" + b"\x89\xfd\xff\xff\x0f" + bytes(8)
                           + b"\x92\xfd\xff\xff\x0f\x03abc" + b"\x9d\xfd\xff\xff\x0f" + bytes(4))
            made.append({
                "bytes": base64.b64encode(unknown + data).decode(),
                "json": None if command["type"] in WITHOUT_JSON
                else json_format.MessageToJson(message, indent=None),
            })
        return made

    def check(self, command):
        """Whether bytes and JSON of ours mean the message that the original bytes mean."""
        kind = self.type(command["type"])
        original = kind.FromString(base64.b64decode(command["original"]))
        original.DiscardUnknownFields()
        encoded = kind.FromString(base64.b64decode(command["encoded"]))
        wrong = []
        if encoded != original:
            wrong.append("encoded differs: %s | %s" % (encoded, original))
        json_text = command.get("json")
        if json_text is not None and json_format.Parse(json_text, kind()) != original:
            wrong.append("json differs: %s | %s" % (json_text, original))
        return wrong

    def mutate(self, command):
        """Damaged copies of a message, each with whether protobuf still parses it."""
        r = random.Random(command["seed"])
        kind = self.type(command["type"])
        made = []
        for _ in range(command["count"]):
            data = bytearray(self.random_message(r, kind()).SerializeToString())
            for _ in range(r.randint(1, 3)):
                if not data:
                    break
                place = r.randrange(len(data))
                action = r.randrange(3)
                if action == 0:
                    data[place] ^= 1 << r.randrange(8)
                elif action == 1:
                    del data[place:]
                else:
                    data[place:place] = r.randbytes(r.randint(1, 4))
            try:
                kind.FromString(bytes(data))
                parses = True
            except DecodeError:
                parses = False
            made.append({"bytes": base64.b64encode(bytes(data)).decode(), "parses": parses})
        return made


def main():
    peer = None
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "load":
            peer = Peer(command["files"])
            answer = True
        else:
            answer = getattr(peer, command["do"])(command)
        print(json.dumps(answer), flush=True)


main()
