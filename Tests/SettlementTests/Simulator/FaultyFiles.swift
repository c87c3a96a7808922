import Foundation
import GRDBSQLite
import Synchronization

/// Files that fail on command, below SQLite: writes and fsyncs of databases in one folder. Everything else passes.
///
/// Wraps SQLite's own file layer (https://www.sqlite.org/vfs.html), for the whole process and once.
enum FaultyFiles {
  enum Fault: CaseIterable {
    /// One write or fsync fails, and the disk goes on.
    case inputOutputError
    /// Every write fails until the disk has room again.
    case diskFull
    /// The process dies here: half of the write reaches the file, and nothing after it.
    case death
  }

  private struct Plan {
    var folder = ""
    var fault: Fault?
    var remaining = 0
    var hasFired = false
  }
  private static let plan = Mutex(Plan())

  /// Watches the databases in a folder that are opened from now on.
  static func watch(_ folder: String) {
    _ = isInstalled
    plan.withLock { $0 = Plan(folder: folder) }
  }

  /// Lets the write or fsync fail that comes after `count` others.
  static func arm(_ fault: Fault, after count: Int) {
    plan.withLock { ($0.fault, $0.remaining, $0.hasFired) = (fault, count, false) }
  }

  /// Lets everything pass again. Returns whether the fault had come.
  @discardableResult
  static func disarm() -> Bool {
    plan.withLock { plan in
      plan.fault = nil
      return plan.hasFired
    }
  }

  private static func next() -> Fault? {
    plan.withLock { plan in
      guard let fault = plan.fault else { return nil }
      if plan.hasFired { return fault == .inputOutputError ? nil : fault }
      guard plan.remaining == 0 else {
        plan.remaining -= 1
        return nil
      }
      plan.hasFired = true
      return fault
    }
  }

  // MARK: SQLite's file layer

  private typealias Methods = sqlite3_io_methods
  private struct Originals: @unchecked Sendable {
    // Function pointers and a table of them, all set once and only read afterwards.
    var open:
      (
        @convention(c) (
          UnsafeMutablePointer<sqlite3_vfs>?, sqlite3_filename?,
          UnsafeMutablePointer<sqlite3_file>?,
          Int32, UnsafeMutablePointer<Int32>?
        ) -> Int32
      )?
    var write:
      (
        @convention(c) (
          UnsafeMutablePointer<sqlite3_file>?, UnsafeRawPointer?, Int32, sqlite3_int64
        ) -> Int32
      )?
    var sync: (@convention(c) (UnsafeMutablePointer<sqlite3_file>?, Int32) -> Int32)?
    /// The address of the changed table for that of each table of SQLite's.
    var tables: [UInt: UInt] = [:]
  }
  private static let originals = Mutex(Originals())

  /// In the place of what the standard layer calls to open a file, so below the layers that services put on it.
  private static let isInstalled: Bool = {
    guard let standard = sqlite3_vfs_find("unix") else { return false }
    originals.withLock { $0.open = standard.pointee.xOpen }
    standard.pointee.xOpen = { layer, name, file, flags, taken in
      let open = FaultyFiles.originals.withLock { $0.open }
      let code = open?(layer, name, file, flags, taken) ?? SQLITE_CANTOPEN
      if code == SQLITE_OK, let name, let file, FaultyFiles.isWatched(String(cString: name)) {
        FaultyFiles.wrap(file)
      }
      return code
    }
    return true
  }()

  private static func isWatched(_ path: String) -> Bool {
    plan.withLock { !$0.folder.isEmpty && path.hasPrefix($0.folder) }
  }

  /// Puts our write and fsync in the place of SQLite's, in a table of methods of our own.
  private static func wrap(_ file: UnsafeMutablePointer<sqlite3_file>) {
    guard let table = file.pointee.pMethods else { return }
    let address = UInt(bitPattern: table)
    let methods = table.pointee
    let changed = originals.withLock { originals -> UInt in
      if let known = originals.tables[address] { return known }
      let copy = UnsafeMutablePointer<Methods>.allocate(capacity: 1)
      copy.initialize(to: methods)
      originals.write = methods.xWrite
      originals.sync = methods.xSync
      copy.pointee.xWrite = { FaultyFiles.write($0, $1, $2, $3) }
      copy.pointee.xSync = { FaultyFiles.sync($0, $1) }
      originals.tables[address] = UInt(bitPattern: copy)
      return UInt(bitPattern: copy)
    }
    file.pointee.pMethods = UnsafePointer(bitPattern: changed)
  }

  private static func write(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ count: Int32,
    _ offset: sqlite3_int64
  ) -> Int32 {
    let write = originals.withLock { $0.write }
    let isFirst = plan.withLock { !$0.hasFired }
    switch next() {
    case nil: return write?(file, bytes, count, offset) ?? SQLITE_IOERR
    case .diskFull: return SQLITE_FULL
    case .inputOutputError: return SQLITE_IOERR | 3 << 8
    case .death:
      if isFirst, count > 1 { _ = write?(file, bytes, count / 2, offset) }
      return SQLITE_IOERR | 3 << 8
    }
  }

  private static func sync(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
    guard next() == nil else { return SQLITE_IOERR | 4 << 8 }
    let sync = originals.withLock { $0.sync }
    return sync?(file, flags) ?? SQLITE_IOERR
  }
}
