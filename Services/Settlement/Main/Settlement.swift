import ArgumentParser
import ServiceRuntime
import SettlementAPI

@main
enum Settlement {
  static func main() async { await ServiceMain<SettlementService>.main() }
}
