#include <string.h>

#include "load.h"

// RFC 7541, section 5.1.
static void append_integer(Buffer *block, uint8_t pattern, int prefix_bits, size_t value) {
  size_t most = ((size_t)1 << prefix_bits) - 1;
  uint8_t byte = pattern | (value < most ? value : most);
  buffer_append(block, &byte, 1);
  if (value < most) return;
  for (value -= most;; value >>= 7) {
    byte = (value & 127) | (value > 127 ? 128 : 0);
    buffer_append(block, &byte, 1);
    if (value < 128) return;
  }
}

// A literal that enters the dynamic table (section 6.2.1), not Huffman-coded.
static void append_field(Buffer *block, const char *name, const char *value, size_t value_count) {
  append_integer(block, 0x40, 6, 0);
  append_integer(block, 0, 7, strlen(name));
  buffer_append(block, name, strlen(name));
  append_integer(block, 0, 7, value_count);
  buffer_append(block, value, value_count);
}

void headers_append(Headers *sent, Buffer *output, const uint8_t frame[9], const char *path, const Token *token) {
  static const uint8_t indexed[] = {0x83, 0x87, 0x80 | 66, 0x80 | 65, 0x80 | 64, 0x80 | 63, 0x80 | 62};
  static const uint8_t anonymous[] = {0x83, 0x87, 0x80 | 65, 0x80 | 64, 0x80 | 63, 0x80 | 62};
  Buffer *block = &sent->block;
  block->count = 0;
  if (sent->path == path && sent->token_version == token->version) {
    token->count ? buffer_append(block, indexed, sizeof indexed) : buffer_append(block, anonymous, sizeof anonymous);
  } else {
    buffer_append(block, indexed, 2);
    append_field(block, ":path", path, strlen(path));
    append_field(block, ":authority", "exchange", 8);
    append_field(block, "te", "trailers", 8);
    append_field(block, "content-type", "application/grpc", 16);
    if (token->count) append_field(block, "authorization", token->text, token->count);
    sent->path = path;
    sent->token_version = token->version;
  }
  uint8_t head[9];
  memcpy(head, frame, 9);
  for (int byte = 0; byte < 3; byte++) head[2 - byte] = block->count >> 8 * byte;
  buffer_append(output, head, 9);
  buffer_append(output, block->bytes, block->count);
}
