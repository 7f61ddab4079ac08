import type { FileStore } from "@mosaic/core";

/** The conversation of one agent, as the node writes it down for who starts the agent again: its id in `<agent>.session` of the run
 *  folder. `framework/systemd/conversation.sh` reads and writes the same files. */
export interface ConversationStore {
  /** Its id; undefined: there is none, or what is written there can't be one. @throws MosaicError MACHINE */
  current(agentName: string): Promise<string | undefined>;
  /** Puts one out of the way that its agent can't go on with. The first one stays on file: what fails after it in the same way is
   *  younger, and holds less. @throws MosaicError MACHINE */
  setAside(agentName: string, sessionId: string): Promise<void>;
  /** Forgets both, so that the agent starts afresh. @throws MosaicError MACHINE */
  forget(agentName: string): Promise<void>;
}

/** Opens the conversations of a host's agents. */
export function conversationStore(files: Pick<FileStore, "read" | "write" | "remove">, runDirectory: string): ConversationStore {
  const pathOf = (agentName: string) => `${runDirectory}/${agentName}.session`;
  return {
    async current(agentName) {
      const line = (await files.read(pathOf(agentName)))?.split("\n", 1)[0] ?? "";
      return isId(line) ? line : undefined;
    },
    async setAside(agentName, sessionId) {
      const failed = `${pathOf(agentName)}.failed`;
      if ((await files.read(failed)) === undefined) await files.write(failed, `${sessionId}\n`, 0o600);
      await files.remove(pathOf(agentName));
    },
    async forget(agentName) {
      await files.remove(pathOf(agentName));
      await files.remove(`${pathOf(agentName)}.failed`);
    },
  };
}

// It becomes a word of a command line, which must not be taken for a flag.
function isId(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,199}$/.test(text);
}
