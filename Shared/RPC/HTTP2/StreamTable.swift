/// The open streams of a connection, by id. The one looked up last is kept at hand: frames of a stream tend to come together.
final class StreamTable {
  private var byID: [Int32: HTTP2Stream] = [:]
  private var recent: HTTP2Stream?

  var isEmpty: Bool { byID.isEmpty }
  var values: some Collection<HTTP2Stream> { byID.values }

  subscript(id: Int32) -> HTTP2Stream? {
    if let recent, recent.id == id { return recent }
    guard let stream = byID[id] else { return nil }
    recent = stream
    return stream
  }

  func insert(_ stream: HTTP2Stream) {
    byID[stream.id] = stream
    recent = stream
  }

  func remove(_ id: Int32) -> HTTP2Stream? {
    if recent?.id == id { recent = nil }
    return byID.removeValue(forKey: id)
  }

  func removeAll() -> [HTTP2Stream] {
    let open = Array(byID.values)
    byID = [:]
    recent = nil
    return open
  }
}
