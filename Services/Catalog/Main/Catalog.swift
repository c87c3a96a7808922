import ArgumentParser
import CatalogAPI
import ServiceRuntime

@main
enum Catalog {
  static func main() async { await ServiceMain<CatalogService>.main() }
}
