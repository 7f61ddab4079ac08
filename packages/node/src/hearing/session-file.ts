/** The file that names an agent's conversation for who starts the agent again: one line. */
export function sessionPath(runDirectory: string, agentName: string): string {
  return `${runDirectory}/${agentName}.session`;
}

/** True for what can be an id of a conversation and nothing else: it becomes an argument of a program. */
export function isSessionId(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,199}$/.test(text);
}
