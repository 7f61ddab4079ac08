import { MosaicError, nearNames, type Roster, type RosterAgent } from "@mosaic/core";

/** Plans an ephemeral agent for a lane of work: its entry is that of a template in the roster. While the template itself is an
 *  ephemeral entry that nobody uses, the worker is that entry; else it gets a name of its own, `<template>.<lane>`.
 *  @param wanted name or class of a roster agent
 *  @param taken names in use
 *  @throws MosaicError AGENT_NOT_FOUND with near names, USAGE for a lane that can't be part of a name */
export function planWorker(roster: Roster, wanted: string, lane: string, taken: ReadonlySet<string>): RosterAgent {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(lane)) {
    throw new MosaicError("USAGE", `not a lane's id: ${JSON.stringify(lane.slice(0, 100))}`, {
      hint: "use up to 64 letters, digits and _ . -",
    });
  }
  const template = findTemplate(roster, wanted);
  const own = template.lifecycle === "ephemeral" ? [template.name] : [];
  const name = [...own, ...numberedNames(template.name, lane)].find((candidate) => !taken.has(candidate));
  if (name === undefined || name.length > 200) {
    throw new MosaicError("BUSY", `no name is free for another "${template.name}" in lane "${lane}"`, {
      hint: `end some: mosaic agent stop --lane ${lane}`,
    });
  }
  return { ...template, name, lifecycle: "ephemeral", lane };
}

/** Far more than one lane ever has, and few enough to try. */
const MAX_OF_A_KIND = 1000;

function numberedNames(template: string, lane: string): string[] {
  return Array.from({ length: MAX_OF_A_KIND }, (_, index) => `${template}.${lane}${index === 0 ? "" : `.${index + 1}`}`);
}

// A name goes before a class; of a class, entries that are meant for lanes go first.
function findTemplate({ agents }: Roster, wanted: string): RosterAgent {
  const ofClass = agents.filter((agent) => agent.agentClass === wanted);
  const found =
    agents.find((agent) => agent.name === wanted) ?? ofClass.find((agent) => agent.lifecycle === "ephemeral") ?? ofClass[0];
  if (found) return found;
  const known = [...new Set(agents.flatMap((agent) => [agent.name, agent.agentClass]))].filter((name) => name !== "");
  const near = nearNames(wanted, known);
  throw new MosaicError("AGENT_NOT_FOUND", `the roster has no agent and no class "${wanted}"`, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : "see what it has: mosaic agent roster",
  });
}
