/// What the decoder accepts of one message, whatever its type.
package enum CodecLimits {
  /// Messages within messages, not counting the outermost.
  package static let nesting = 32
  /// Field occurrences and list elements together, unknown fields included. A transfer has about a
  /// dozen fields, so a full batch of 8,190 transfers fits.
  package static let elements = 262_144
  /// Messages within the message. Each may cost some hundred bytes however short it is on the wire.
  package static let messages = 32_768
  /// Repetitions of a message field that holds one message. Protobuf merges them, which costs
  /// memory for each; encoders do not write them.
  package static let merges = 16
}
