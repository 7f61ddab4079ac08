/** One host of a demo fleet. Paths are absolute. */
export interface DemoHost {
  readonly name: string;
  readonly home: string;
  readonly tmuxSocketName: string;
  readonly agents: readonly DemoAgent[];
}

export interface DemoAgent {
  readonly name: string;
  readonly agentClass: string;
  /** Options of the stub agent. */
  readonly modelHint: string;
}

/** What a demo consists of, before anything is started. */
export interface DemoPlan {
  readonly directory: string;
  readonly tenant: string;
  readonly hosts: readonly DemoHost[];
}

export interface DemoSize {
  /** 1 to 26. */
  readonly hostCount: number;
  /** Agents on each host, 1 to 100. */
  readonly agentCount: number;
}

/** Plans a demo fleet in a folder. Same input, same plan; `nonce` keeps the tmux sockets of two demos apart. */
export function planDemo(directory: string, nonce: string, size: DemoSize): DemoPlan {
  const hosts = Array.from({ length: size.hostCount }, (_, index): DemoHost => {
    const name = HOST_NAMES[index] ?? `host${index + 1}`;
    return {
      name,
      home: `${directory}/hosts/${name}`,
      tmuxSocketName: `mosaic-demo-${nonce}-${name}`,
      agents: Array.from({ length: size.agentCount }, (_, place) => planAgent(place)),
    };
  });
  return { directory, tenant: "demo", hosts };
}

/** The roster of one host, as a file's text. */
export function rosterText(plan: DemoPlan, host: DemoHost): string {
  const agents = host.agents.map(
    (agent) =>
      `  - name: ${agent.name}\n    runtime: stub\n    class: ${agent.agentClass}\n    model_hint: ${JSON.stringify(agent.modelHint)}\n`,
  );
  const head = { version: 1, transport: "tmux", tenant: plan.tenant, host: host.name };
  const lines = Object.entries(head).map(([key, value]) => `${key}: ${value}\n`);
  return `${lines.join("")}tmux:\n  socket_name: ${host.tmuxSocketName}\ndefaults:\n  working_directory: ${JSON.stringify(host.home)}\nagents:\n${agents.join("")}`;
}

/** The membership of the demo's aggregator, as a file's text.
 *  @param addresses where each host's node serves, by host name */
export function membershipText(plan: DemoPlan, addresses: ReadonlyMap<string, string>): string {
  const groups = plan.hosts.map((host) => ({
    targets: [addresses.get(host.name)],
    labels: { host: host.name, tenant: plan.tenant },
  }));
  return `${JSON.stringify(groups, null, 2)}\n`;
}

// The first three are the crew a small team starts with; the second one shows a program on the alternate screen.
function planAgent(place: number): DemoAgent {
  const crew: readonly DemoAgent[] = [
    { name: "lead", agentClass: "orchestrator", modelHint: "slow=400" },
    { name: "coder0", agentClass: "implementer", modelHint: "alternate-screen,slow=800" },
    { name: "reviewer0", agentClass: "reviewer", modelHint: "slow=400" },
  ];
  return crew[place] ?? { name: `coder${place - 2}`, agentClass: "implementer", modelHint: "slow=800" };
}

const HOST_NAMES = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"];
