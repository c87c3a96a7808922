import Model
import RPC
import Stubs
import TestSupport

/// The settlement executable on a faulty disk, and its ledger as a clearing officer calls it.
final class FaultyLedger {
  let service: FaultyProcess
  private let officer: TestCaller
  private var channel: RPCChannel?

  init() async throws {
    service = try await FaultyProcess("settlement")
    officer = try service.authority.caller([.clearingOfficer])
  }

  /// Starts it, on the database that is there.
  func start() async throws -> LedgerServiceClient {
    await channel?.close()
    try await service.start()
    let channel = try service.channel(as: officer)
    self.channel = channel
    let ledger = LedgerServiceClient(channel)
    try await service.untilItBelieves {
      _ = try await ledger.listAccounts(.init(exchangeOwned: true))
    }
    return ledger
  }

  func stop() async throws {
    await channel?.close()
    try await service.stop()
  }
}
