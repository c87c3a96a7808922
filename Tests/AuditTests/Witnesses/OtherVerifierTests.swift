import AuditStore
import Foundation
import Model
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// What the log publishes with cosignatures, opened by other people's packages.
@Suite(.timeLimit(.minutes(3))) struct OtherVerifierTests {
  @Test(
    .enabled(if: OtherPrograms.hasChecksumDatabase, "golang-golang-x-mod-dev is not installed"))
  func goOpensACosignedCheckpointAndNoticesEveryChange() async throws {
    let scene = try await WitnessedScene(quorum: 3)
    let log = try await scene.open()
    try await log.append(Events.events(1...5))
    let quorum = try await log.quorum(covering: 5)
    await log.close()
    await scene.close()
    let (note, program) = (scene.directory.file("note"), scene.directory.file("cosigned"))
    try Data(quorum.note.utf8).write(to: URL(filePath: note))
    let built = try await OtherPrograms.run(
      "go", ["build", "-o", program, "."],
      in: OtherPrograms.folder.appending(path: "Go/cosigned"),
      ["GO111MODULE": "off", "GOPATH": "/usr/share/gocode"])
    try #require(built.status == 0, "\(built.output)")
    let keys = scene.policy.witnesses.map(\.key.description)
    let opened = try await OtherPrograms.run(
      program, [note, scene.verifierKey.description] + keys)
    #expect(opened.status == 0 && opened.output == "VERIFIED 4 signatures\n", "\(opened.output)")
  }
}
