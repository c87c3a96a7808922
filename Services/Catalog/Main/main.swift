import CatalogAPI
import ServiceRuntime

await ServiceMain<CatalogService>.main()
