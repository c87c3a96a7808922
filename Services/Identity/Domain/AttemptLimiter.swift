package import Model

/// A token bucket per address for callers without a certificate.
package struct AttemptLimiter: Sendable {
  /// Attempts allowed at once.
  package static let burst = 60.0
  /// Attempts allowed per second after that.
  package static let perSecond = 5.0
  /// Addresses remembered; beyond it the fullest buckets are forgotten first.
  package static let maximumAddresses = 4_096

  private struct Bucket {
    var tokens: Double
    var filled: Timestamp
  }
  private var buckets: [String: Bucket] = [:]

  package init() {}

  /// Counts one attempt. Throws `tooManyAttempts` when the address has none left.
  package mutating func attempt(from address: String, at now: Timestamp) throws(IdentityError) {
    var bucket = buckets[address] ?? Bucket(tokens: Self.burst, filled: now)
    bucket.tokens = Self.tokens(of: bucket, at: now)
    bucket.filled = now
    guard bucket.tokens >= 1 else {
      buckets[address] = bucket
      throw .tooManyAttempts
    }
    bucket.tokens -= 1
    if buckets[address] == nil, buckets.count >= Self.maximumAddresses { forget(at: now) }
    buckets[address] = bucket
  }

  private static func tokens(of bucket: Bucket, at now: Timestamp) -> Double {
    let seconds = Double(max(0, now.microseconds - bucket.filled.microseconds)) / 1_000_000
    return min(burst, bucket.tokens + seconds * perSecond)
  }

  private mutating func forget(at now: Timestamp) {
    buckets = buckets.filter { Self.tokens(of: $0.value, at: now) < Self.burst }
    guard buckets.count >= Self.maximumAddresses else { return }
    let fullest = buckets.sorted {
      Self.tokens(of: $0.value, at: now) > Self.tokens(of: $1.value, at: now)
    }
    for entry in fullest.prefix(Self.maximumAddresses / 4) { buckets[entry.key] = nil }
  }
}
