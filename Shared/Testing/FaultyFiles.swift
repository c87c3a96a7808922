import Foundation
import GRDBSQLite
import Synchronization

/// Files that fail on command, below SQLite: writes, fsyncs and truncations of databases in one folder. Everything else
/// passes.
///
/// Wraps SQLite's own file layer (https://www.sqlite.org/vfs.html), for the whole process and once.
package enum FaultyFiles {
  package enum Fault: Sendable, CaseIterable {
    /// One write, fsync or truncation fails, and the disk goes on.
    case inputOutputError
    /// Every write fails until the disk has room again.
    case diskFull
    /// The process dies here, and nothing of this reaches the file, nor anything after it.
    case deathBefore
    /// The process dies here: half of the write reaches the file, and nothing after it.
    case deathWithin
    /// The process dies once this is in the file, before it is told so.
    case deathAfter
    /// As `deathWithin`, and the machine dies too: of what no fsync confirmed, every second write is lost.
    case powerLoss

    /// Whether the process must be started again.
    package var isDeath: Bool {
      switch self {
      case .inputOutputError, .diskFull: false
      case .deathBefore, .deathWithin, .deathAfter, .powerLoss: true
      }
    }
  }

  private struct Plan {
    var folder = ""
    var fault: Fault?
    var remaining = 0
    var hasFired = false
    var unsynced = UnsyncedWrites()
  }
  private static let plan = Mutex(Plan())

  /// Watches the databases in a folder that are opened from now on.
  package static func watch(_ folder: String) {
    _ = isInstalled
    plan.withLock { $0 = Plan(folder: folder) }
  }

  /// Lets the write, fsync or truncation fail that comes after `count` others.
  package static func arm(_ fault: Fault, after count: Int) {
    plan.withLock { ($0.fault, $0.remaining, $0.hasFired) = (fault, count, false) }
  }

  /// Whether the fault has come.
  package static var hasFired: Bool { plan.withLock { $0.hasFired } }

  /// Lets everything pass again; after a death only once the databases are closed. Returns whether the fault had come.
  @discardableResult
  package static func disarm() -> Bool {
    plan.withLock { plan in
      if plan.hasFired, plan.fault == .powerLoss { plan.unsynced.lose() }
      plan.unsynced = UnsyncedWrites()
      plan.fault = nil
      return plan.hasFired
    }
  }

  /// What happens to one operation: the fault that meets it, and whether it is the first that meets one.
  private static func next() -> (fault: Fault, isFirst: Bool)? {
    plan.withLock { plan in
      guard let fault = plan.fault else { return nil }
      if plan.hasFired { return fault == .inputOutputError ? nil : (fault, false) }
      guard plan.remaining == 0 else {
        plan.remaining -= 1
        return nil
      }
      plan.hasFired = true
      return (fault, true)
    }
  }

  private static func note(_ change: (inout UnsyncedWrites) -> Void) {
    plan.withLock { if $0.fault == .powerLoss { change(&$0.unsynced) } }
  }

  // MARK: SQLite's file layer

  private typealias File = UnsafeMutablePointer<sqlite3_file>
  private struct Originals: @unchecked Sendable {
    // Function pointers and a table of them, all set once and only read afterwards.
    var open:
      (
        @convention(c) (
          UnsafeMutablePointer<sqlite3_vfs>?, sqlite3_filename?, File?, Int32,
          UnsafeMutablePointer<Int32>?
        ) -> Int32
      )?
    var methods: sqlite3_io_methods?
    /// The address of the changed table for that of each table of SQLite's.
    var tables: [UInt: UInt] = [:]
    /// The path of the file at each address.
    var paths: [UInt: String] = [:]
  }
  private static let originals = Mutex(Originals())
  private static var methods: sqlite3_io_methods? { originals.withLock { $0.methods } }

  /// In the place of what the standard layer calls to open a file, so below the layers that services put on it.
  private static let isInstalled: Bool = {
    guard let standard = sqlite3_vfs_find("unix") else { return false }
    originals.withLock { $0.open = standard.pointee.xOpen }
    standard.pointee.xOpen = { layer, name, file, flags, taken in
      let open = FaultyFiles.originals.withLock { $0.open }
      let code = open?(layer, name, file, flags, taken) ?? SQLITE_CANTOPEN
      if code == SQLITE_OK, let name, let file {
        let path = String(cString: name)
        if FaultyFiles.isWatched(path) { FaultyFiles.wrap(file, path) }
      }
      return code
    }
    return true
  }()

  private static func isWatched(_ path: String) -> Bool {
    plan.withLock { !$0.folder.isEmpty && path.hasPrefix($0.folder) }
  }

  /// Puts our operations in the place of SQLite's, in a table of methods of our own.
  private static func wrap(_ file: File, _ path: String) {
    guard let table = file.pointee.pMethods else { return }
    let address = UInt(bitPattern: table)
    let methods = table.pointee
    let changed = originals.withLock { originals -> UInt in
      originals.paths[UInt(bitPattern: file)] = path
      if let known = originals.tables[address] { return known }
      let copy = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
      copy.initialize(to: methods)
      originals.methods = methods
      copy.pointee.xWrite = { FaultyFiles.write($0, $1, $2, $3) }
      copy.pointee.xSync = { FaultyFiles.sync($0, $1) }
      copy.pointee.xTruncate = { FaultyFiles.truncate($0, $1) }
      originals.tables[address] = UInt(bitPattern: copy)
      return UInt(bitPattern: copy)
    }
    file.pointee.pMethods = UnsafePointer(bitPattern: changed)
  }

  private static func path(of file: File?) -> String {
    originals.withLock { $0.paths[UInt(bitPattern: file)] ?? "" }
  }

  private static func write(
    _ file: File?, _ bytes: UnsafeRawPointer?, _ count: Int32, _ offset: sqlite3_int64
  ) -> Int32 {
    func write(_ count: Int32) -> Int32 {
      note { unsynced in
        guard let bytes, count > 0 else { return }
        let content = UnsafeRawBufferPointer(start: bytes, count: Int(count))
        unsynced.add(path(of: file), Array(content), at: Int(offset))
      }
      return methods?.xWrite(file, bytes, count, offset) ?? SQLITE_IOERR
    }
    guard let (fault, isFirst) = next() else { return write(count) }
    if fault == .diskFull { return SQLITE_FULL }
    if isFirst {
      switch fault {
      case .deathWithin, .powerLoss: _ = write(count / 2)
      case .deathAfter: _ = write(count)
      case .deathBefore, .inputOutputError, .diskFull: break
      }
    }
    return SQLITE_IOERR | 3 << 8
  }

  private static func sync(_ file: File?, _ flags: Int32) -> Int32 {
    func sync() -> Int32 {
      note { $0.confirm(path(of: file)) }
      return methods?.xSync(file, flags) ?? SQLITE_IOERR
    }
    guard let (fault, isFirst) = next() else { return sync() }
    if isFirst, fault == .deathAfter { _ = sync() }
    return SQLITE_IOERR | 4 << 8
  }

  private static func truncate(_ file: File?, _ size: sqlite3_int64) -> Int32 {
    func truncate() -> Int32 { methods?.xTruncate(file, size) ?? SQLITE_IOERR }
    // Truncating needs no room.
    guard let (fault, isFirst) = next(), fault != .diskFull else { return truncate() }
    if isFirst, fault == .deathAfter || fault == .powerLoss { _ = truncate() }
    return SQLITE_IOERR | 6 << 8
  }
}

/// Writes to files since each was synced last, and what the files held before.
private struct UnsyncedWrites {
  private struct Write {
    let bytes: [UInt8]
    let offset: Int
  }
  private var before: [String: [UInt8]] = [:]
  private var writes: [String: [Write]] = [:]

  mutating func add(_ path: String, _ bytes: [UInt8], at offset: Int) {
    if before[path] == nil {
      before[path] = FileManager.default.contents(atPath: path).map { Array($0) } ?? []
    }
    writes[path, default: []].append(Write(bytes: bytes, offset: offset))
  }

  mutating func confirm(_ path: String) {
    before[path] = nil
    writes[path] = nil
  }

  /// Leaves each file as it was, with every second write since.
  func lose() {
    for (path, content) in before where FileManager.default.fileExists(atPath: path) {
      var content = content
      for (number, write) in (writes[path] ?? []).enumerated() where number % 2 == 0 {
        let end = write.offset + write.bytes.count
        if content.count < end { content += [UInt8](repeating: 0, count: end - content.count) }
        content.replaceSubrange(write.offset..<end, with: write.bytes)
      }
      guard let file = FileHandle(forWritingAtPath: path) else { continue }
      try? file.truncate(atOffset: 0)
      try? file.write(contentsOf: content)
      try? file.close()
    }
  }
}
