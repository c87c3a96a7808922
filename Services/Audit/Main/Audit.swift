import ArgumentParser
import AuditAPI
import ServiceRuntime

@main
enum Audit {
  static func main() async { await ServiceMain<AuditService>.main() }
}
