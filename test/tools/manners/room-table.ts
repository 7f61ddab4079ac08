/** The table of rooms (docs/architecture.md, "Rooms") as data. */
export interface Room {
  /** Other rooms it may import, by short name. */
  readonly mayImport: readonly string[];
  /** Node's own modules it may import: none, all but the guarded ones, or those and these guarded ones. */
  readonly builtins: "none" | readonly string[];
  /** Files that may import the room `host`, where not every file may: real adapters are put together in one place. */
  readonly adaptersBuiltIn?: RegExp;
}

const appEntry = /^(main|start-[a-z0-9-]+)\.ts$/;

export const ROOMS: Readonly<Record<string, Room>> = {
  wire: { mayImport: [], builtins: "none" },
  core: { mayImport: ["wire"], builtins: "none" },
  host: { mayImport: ["core"], builtins: ["child_process", "net", "http", "https", "http2", "tls", "dgram", "sqlite"] },
  runtimes: { mayImport: ["core"], builtins: [] },
  lifecycle: { mayImport: ["core", "runtimes"], builtins: "none" },
  store: { mayImport: ["core", "wire"], builtins: ["sqlite", "worker_threads"] },
  identity: { mayImport: ["core"], builtins: [] },
  rpc: { mayImport: ["core", "identity", "wire"], builtins: ["net", "http", "https", "http2", "tls"] },
  discovery: { mayImport: ["core"], builtins: [] },
  client: { mayImport: ["core", "identity", "rpc", "wire"], builtins: [] },
  node: {
    mayImport: ["core", "discovery", "host", "identity", "rpc", "runtimes", "store", "wire"],
    builtins: [],
    adaptersBuiltIn: appEntry,
  },
  aggregator: {
    mayImport: ["core", "discovery", "host", "identity", "rpc", "store", "wire"],
    builtins: [],
    adaptersBuiltIn: appEntry,
  },
  cli: {
    mayImport: ["client", "core", "discovery", "host", "identity", "lifecycle", "rpc", "runtimes", "store", "wire"],
    builtins: ["net"],
    // By the command that needs them, so that the others start without them; and where the CLI meets its process.
    adaptersBuiltIn: /^(commands|demo|io|local)\//,
  },
  testkit: { mayImport: ["core", "rpc", "wire"], builtins: [] },
};

/** Node modules that only rooms which name them may import, each with the reason. */
export const GUARDED_BUILTINS: Readonly<Record<string, string>> = {
  child_process: "only host starts processes: there each has a deadline, an output cap and an end",
  net: "sockets are rpc's and host's; the CLI's hot path is the one exception",
  http: "requests are rpc's",
  https: "requests are rpc's",
  http2: "requests are rpc's",
  tls: "who the other side is, is rpc's to prove",
  dgram: "sockets are rpc's and host's",
  sqlite:
    "what must outlive a crash is store's: there it is checked, bounded and written off the main thread; host's audit log takes its lock",
  worker_threads: "a thread needs a file that a bundle can find: store's is the one exception",
};

/** Why rooms may not import each other. `*` stands for every room; the first rule that fits gives the reason. Together they
 *  cover exactly the edges that the table leaves out. */
export const FORBIDDEN_EDGES: readonly { readonly from: string; readonly to: string; readonly reason: string }[] = [
  { from: "*", to: "testkit", reason: "testkit is for tests: product code must not lean on a fake" },
  { from: "wire", to: "*", reason: "wire is generated from proto/ and holds no logic to lean on" },
  { from: "*", to: "node", reason: "apps never import each other, and nothing imports an app: they meet in proto/" },
  { from: "*", to: "aggregator", reason: "apps never import each other, and nothing imports an app: they meet in proto/" },
  { from: "*", to: "cli", reason: "apps never import each other, and nothing imports an app: they meet in proto/" },
  { from: "core", to: "*", reason: "core decides and touches nothing: what it needs comes in through its ports" },
  { from: "host", to: "wire", reason: "host speaks of this machine in core's words, not of messages" },
  { from: "host", to: "*", reason: "host gives ports and knows nobody who uses them" },
  { from: "runtimes", to: "*", reason: "a runtime is described, not run: it needs core's words only" },
  { from: "lifecycle", to: "*", reason: "lifecycle plans what is done to this host, through core's ports" },
  {
    from: "node",
    to: "lifecycle",
    reason: "a node observes; agents are started and ended by the operator's command and by systemd",
  },
  { from: "node", to: "client", reason: "client is for who uses the mesh: daemons speak to each other through rpc" },
  { from: "aggregator", to: "client", reason: "client is for who uses the mesh: daemons speak to each other through rpc" },
  { from: "aggregator", to: "lifecycle", reason: "how an agent is started is its own host's business" },
  { from: "store", to: "*", reason: "store keeps messages in core's words and knows nobody who sends or delivers them" },
  {
    from: "discovery",
    to: "*",
    reason: "discovery tells what is announced on a network, and must not act on it: it is a hint, never membership",
  },
  { from: "identity", to: "*", reason: "who is who is decided from what is shown, not from who asks or by which way" },
  { from: "rpc", to: "*", reason: "rpc carries messages and must not care what they are about" },
  { from: "client", to: "*", reason: "client is what other services get: nothing of a host comes with it" },
  { from: "aggregator", to: "runtimes", reason: "how an agent is launched is its own node's business" },
  { from: "testkit", to: "*", reason: "fakes stand for host and runtimes, so they must not need them" },
];

/** The reason why one room may not import another, or undefined when no rule speaks of it. */
export function reasonAgainst(from: string, to: string): string | undefined {
  return FORBIDDEN_EDGES.find((rule) => [from, "*"].includes(rule.from) && [to, "*"].includes(rule.to))?.reason;
}
