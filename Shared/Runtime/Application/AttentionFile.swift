import Crypto
import Foundation
import Model

/// Says what an operator must do about a service that runs: one line of JSON such as
/// `{"en":"the log has other events …","vi":"nhật ký …"}`. It is there as long as the reason is.
package struct AttentionFile: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  package init(_ configuration: ServiceConfiguration) {
    path = configuration.path("attention")
  }

  /// One that cannot be written is no reason to stop: the log of the service says the same.
  func write(_ text: Text) {
    let line = JSON.object(["vi": .string(text[.vi]), "en": .string(text[.en])]).text + "\n"
    try? KeyFile.write(line, to: path)
  }

  func clear() { unlink(path) }
}
