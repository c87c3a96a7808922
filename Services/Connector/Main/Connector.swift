import ArgumentParser
import ConnectorAPI
import ServiceRuntime

@main
enum Connector {
  static func main() async { await ServiceMain<ConnectorService>.main() }
}
