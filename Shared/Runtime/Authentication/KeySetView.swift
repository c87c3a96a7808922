/// The published keys of identity, as this process knows them.
package final class KeySetView: Sendable {
  package init() {}
}
