/** Fakes, builders and the FleetService contract cases; only tests import it. */
export { aHostStatus, anAgent, aPane, aReading, aRoster, aSelector, aWatchRequest } from "./builders.ts";
export { appliesTo, type ContractCase, type ContractContext } from "./contract/contract-case.ts";
export { assertListed, type ExpectedFailures, runExpecting } from "./contract/expected-failures.ts";
export { fleetContract } from "./contract/fleet-contract.ts";
export { ownDigest } from "./contract/own-digest.ts";
export { type Snapshot, WatchReader } from "./contract/watch-reader.ts";
export { eventually } from "./eventually.ts";
export { FakeClock, settle } from "./fake-clock.ts";
export { FakeFiles } from "./fake-files.ts";
export { FakeHost, type FakeHostOptions, ROSTER_PATH, RUN_DIRECTORY, WORKERS_DIRECTORY } from "./fake-host.ts";
export { FakeMember, type FakeMemberOptions } from "./fake-member.ts";
export { FakePane } from "./fake-pane.ts";
export { FakeTerminal, type TypedInput } from "./fake-terminal.ts";
export { FakeUnits } from "./fake-units.ts";
export { type LeaseStoreCase, type LeaseStoreSubject, leaseStoreCases } from "./lease-store-cases.ts";
export { aRecord, type MembershipStoreCase, type MembershipStoreSubject } from "./membership-store/membership-case.ts";
export { membershipStoreCases } from "./membership-store-cases.ts";
export { MemoryEventJournal } from "./memory-event-journal.ts";
export { type MemoryLeases, memoryLeaseStore, memoryLeases } from "./memory-lease-store.ts";
export {
  type MemoryMembership,
  type MemoryMembershipStore,
  memoryMembership,
  memoryMembershipStore,
} from "./memory-membership-store.ts";
export { type MemoryMessageStore, memoryMessageStore, memoryRecords } from "./memory-message-store.ts";
export { aMessage, type MessageStoreCase, type MessageStoreSubject } from "./message-store/store-case.ts";
export { messageStoreCases } from "./message-store-cases.ts";
export { realClock } from "./real-clock.ts";
export { RecordingAudit } from "./recording-audit.ts";
export { type RecordedSpan, RecordingTracer } from "./recording-tracer.ts";
export { pick, seededRandom } from "./seeded-random.ts";
export { stubHandlers } from "./stub-handlers.ts";
export { type StubManners, StubProgram } from "./stub-program.ts";
