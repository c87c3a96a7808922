import ArgumentParser
import IdentityAPI
import ServiceRuntime

@main
enum Identity {
  static func main() async { await ServiceMain<IdentityService>.main() }
}
