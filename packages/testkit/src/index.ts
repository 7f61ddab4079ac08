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
export { FakeHost, type FakeHostOptions, ROSTER_PATH, RUN_DIRECTORY } from "./fake-host.ts";
export { FakeMember, type FakeMemberOptions } from "./fake-member.ts";
export { FakePane } from "./fake-pane.ts";
export { FakeTerminal, type TypedInput } from "./fake-terminal.ts";
export { realClock } from "./real-clock.ts";
export { type RecordedSpan, RecordingTracer } from "./recording-tracer.ts";
export { pick, seededRandom } from "./seeded-random.ts";
export { stubHandlers } from "./stub-handlers.ts";
export { type StubManners, StubProgram } from "./stub-program.ts";
