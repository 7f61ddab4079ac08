/** `mosaic.fleet.ps/1` as a reader outside the project would write it down: only what the tests look at. */
export interface PsAnswer {
  readonly schema: string;
  readonly complete: boolean;
  readonly via: string;
  readonly hosts: readonly PsAnswerHost[];
  readonly items: readonly PsAnswerItem[];
}

export interface PsAnswerHost {
  readonly tenant_id: string;
  readonly host: string;
  readonly host_id: string;
  readonly state: string;
  readonly age_ms: number | null;
  readonly code: string;
  readonly detail: string;
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
}

export interface PsAnswerItem {
  readonly tenant_id: string;
  readonly host: string;
  readonly host_id: string;
  readonly name: string;
  readonly runtime: string;
  readonly state: string;
  readonly last_state: string | null;
  readonly pane: { readonly alive: boolean; readonly command: string; readonly pid: number | null } | null;
  readonly heartbeat: { readonly health: string; readonly age_ms: number | null; readonly evidence: string } | null;
  readonly systemd: { readonly unit: string; readonly active: string; readonly enabled: string } | null;
  readonly drift: string | null;
  readonly lane: string | null;
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
}

/** The host of that name. */
export function hostIn(answer: PsAnswer, host: string): PsAnswerHost {
  const found = answer.hosts.find((each) => each.host === host);
  if (!found) throw new Error(`the answer does not name host ${host}: ${JSON.stringify(answer.hosts)}`);
  return found;
}

/** The agent of that host and name. */
export function itemIn(answer: PsAnswer, host: string, name: string): PsAnswerItem {
  const found = answer.items.find((each) => each.host === host && each.name === name);
  if (!found) throw new Error(`the answer does not name agent ${host}/${name}`);
  return found;
}
