import Foundation
import Synchronization

/// Keeps two processes from owning the same database. The kernel lets go of it when the process
/// ends, however it ends.
final class FileLock: Sendable {
  private let descriptor: Mutex<Int32>

  init(_ path: String, of subject: String) throws(StartupError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StartupError(.cannotWrite, "cannot write \(path): \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw StartupError(.unavailable, "\(subject) is in use by another process")
    }
    self.descriptor = Mutex(descriptor)
  }

  /// Lets another process have it.
  func release() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
  }

  deinit { release() }
}
