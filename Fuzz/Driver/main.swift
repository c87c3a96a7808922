import Foundation

/// libFuzzer over one target: `fuzz --TARGET [libFuzzer's options] [folders of inputs]`. libFuzzer passes over
/// arguments with two dashes, and hands them to the processes that it starts.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ argumentCount: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// The table beside an object that has weak references is found only by a pointer that the runtime has shifted, which
/// the check for leaks cannot read: it takes the tables of objects that live as long as the process for lost.
@_cdecl("__lsan_default_suppressions")
public func leakSuppressions() -> UnsafePointer<CChar>? {
  let functions: StaticString = "leak:formWeakReference"
  return UnsafeRawPointer(functions.utf8Start).assumingMemoryBound(to: CChar.self)
}

extension FuzzTarget {
  fileprivate static let chosen = CommandLine.arguments.dropFirst()
    .first { $0.hasPrefix("--") }.flatMap { FuzzTarget(rawValue: String($0.dropFirst(2))) }

  fileprivate static func report(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
  }
}

guard FuzzTarget.chosen != nil else {
  let names = FuzzTarget.allCases.map { "--\($0.rawValue)" }.joined(separator: "|")
  FuzzTarget.report("usage: fuzz \(names) [libFuzzer's options] [folders]")
  exit(2)
}
var argumentCount = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(
  runFuzzer(&argumentCount, &arguments) { start, count in
    do {
      try FuzzTarget.chosen?.check(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
      FuzzTarget.report("\(error)")
      abort()
    }
    return 0
  })
