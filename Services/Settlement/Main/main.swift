import ArgumentParser
import ServiceRuntime
import SettlementAPI

await ServiceMain<SettlementService>.main()
