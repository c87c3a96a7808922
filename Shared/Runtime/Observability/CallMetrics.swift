package import Model
package import RPC
import Synchronization

/// Counts calls by method and status and how long they took, in the Prometheus text format.
package final class CallMetrics: ServerInterceptor {
  /// Upper bounds of the latency histogram, in seconds.
  private static let bounds: [Double] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]
  fileprivate struct Series {
    var codes: [StatusCode: Int] = [:]
    var buckets = [Int](repeating: 0, count: CallMetrics.bounds.count + 1)
    var seconds = 0.0
    var count = 0
  }
  private let series = Mutex<[String: Series]>([:])
  private let service: String

  package init(service: String) { self.service = service }

  package func after(_ context: CallContext, status: StatusCode, duration: Duration) {
    let seconds = duration / .seconds(1)
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    series.withLock { series in
      series[context.method.path, default: Series()].add(status, seconds, bucket)
    }
  }

  /// Counted, but not timed. Calls of no method that we know share one series: paths are the callers' invention.
  package func refused(_ method: MethodDescriptor?, from peer: Peer, status: StatusCode) {
    series.withLock { series in
      series[method?.path ?? "unknown", default: Series()].codes[status, default: 0] += 1
    }
  }

  /// Everything counted so far. `extra` are gauges of the process, by name.
  package func text(extra: [(name: String, value: Int)] = []) -> String {
    var counts = "# TYPE ndx_rpc_calls_total counter\n"
    var latencies = "# TYPE ndx_rpc_seconds histogram\n"
    for (method, series) in series.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      let labels = "service=\"\(service)\",method=\"\(method)\""
      for (code, count) in series.codes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        counts += "ndx_rpc_calls_total{\(labels),code=\"\(code)\"} \(count)\n"
      }
      var cumulative = 0
      for (bound, count) in zip(Self.bounds, series.buckets) {
        cumulative += count
        latencies += "ndx_rpc_seconds_bucket{\(labels),le=\"\(bound)\"} \(cumulative)\n"
      }
      latencies += "ndx_rpc_seconds_bucket{\(labels),le=\"+Inf\"} \(series.count)\n"
      latencies += "ndx_rpc_seconds_sum{\(labels)} \(series.seconds)\n"
      latencies += "ndx_rpc_seconds_count{\(labels)} \(series.count)\n"
    }
    let gauges = extra.map {
      "# TYPE \($0.name) gauge\n\($0.name){service=\"\(service)\"} \($0.value)\n"
    }
    return counts + latencies + gauges.joined()
  }
}

extension CallMetrics.Series {
  fileprivate mutating func add(_ status: StatusCode, _ duration: Double, _ bucket: Int) {
    codes[status, default: 0] += 1
    buckets[bucket] += 1
    seconds += duration
    count += 1
  }
}
