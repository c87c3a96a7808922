package import Model

/// The accounts that are in memory. What changed of them since the last commit is known, so that each is written once
/// for all the transfers of a commit. Rules find an account by its id once, and then by its place, which stays until
/// the end of the commit.
package struct LoadedAccounts: Sendable {
  private struct Slot: Sendable {
    var account: Account
    var isChanged = false
    var isUsed = true
  }
  private var places = PlaceTable<Entity.Account>()
  private var slots: [Slot] = []
  private var changedPlaces: [Int] = []
  private var countAtRequest = 0
  /// Whether there may be one whose history is kept.
  package private(set) var hasHistory = false

  package init(_ accounts: some Sequence<Account> = []) {
    for account in accounts { insert(account) }
  }

  /// In the order in which they came.
  package var all: [Account] { slots.map(\.account) }

  package subscript(_ id: AccountID) -> Account? { places[id].map { slots[$0].account } }

  func place(of id: AccountID) -> Int? { places[id] }

  /// An account in place, without a copy of it.
  subscript(at place: Int) -> Account { _read { yield slots[place].account } }

  /// The kind of an account that is in memory; from now on it counts as used.
  package mutating func touch(_ id: AccountID) -> AccountKind? {
    guard let place = places[id] else { return nil }
    slots[place].isUsed = true
    return slots[place].account.kind
  }

  /// Takes an account in as it is in the database.
  package mutating func insert(_ account: Account) {
    precondition(places[account.id] == nil, "an account is in memory once")
    places.set(account.id, to: slots.count)
    if account.history { hasHistory = true }
    slots.append(Slot(account: account))
  }

  package mutating func beginRequest() { countAtRequest = slots.count }

  /// Forgets the accounts that came since the request began: it may have opened them itself.
  package mutating func forgetRequest() {
    for slot in slots[countAtRequest...] { places.remove(slot.account.id) }
    slots.removeSubrange(countAtRequest...)
    changedPlaces.removeAll { $0 >= countAtRequest }
  }

  /// Changes an account, to be written with the next commit.
  mutating func change(at place: Int, _ body: (inout Account) -> Void) {
    body(&slots[place].account)
    guard !slots[place].isChanged else { return }
    slots[place].isChanged = true
    changedPlaces.append(place)
  }

  /// The accounts changed since the last `noteSaved`, in order of number: neighbours share a page.
  package var changed: [Account] {
    changedPlaces.map { (slots[$0].account.number, $0) }.sorted { $0.0 < $1.0 }
      .map { slots[$0.1].account }
  }

  package mutating func noteSaved() {
    for place in changedPlaces { slots[place].isChanged = false }
    changedPlaces.removeAll(keepingCapacity: true)
  }

  /// Keeps memory bounded: when there are more than `limit`, those that were not used since the last
  /// time are forgotten, or all if that does not halve them. Nothing may be unsaved.
  package mutating func trim(to limit: Int) {
    guard slots.count > limit, changedPlaces.isEmpty else { return }
    let kept = slots.lazy.filter(\.isUsed).count <= limit / 2 ? slots.filter(\.isUsed) : []
    places.removeAll()
    places.reserve(kept.count)
    slots = kept
    hasHistory = kept.contains { $0.account.history }
    for place in slots.indices {
      slots[place].isUsed = false
      places.set(slots[place].account.id, to: place)
    }
  }
}
