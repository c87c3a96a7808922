import ConnectorAPI
import ServiceRuntime

await ServiceMain<ConnectorService>.main()
