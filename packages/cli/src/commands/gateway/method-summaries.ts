/** What each method of FleetService does, in one line: the comments of the contract are not part of the generated code. */
export const METHOD_SUMMARIES: Readonly<Record<string, string>> = {
  Info: "who answers, which contract it speaks and what it can do",
  List: "the agents and the status of every expected host in scope",
  Watch: "a snapshot of the fleet and then every change, in order",
  Heartbeat: "an agent's own report of itself; only on a node's Unix socket",
  Send: "puts a text before an agent as its next prompt",
  Tail: "an agent's recent text, and with follow what comes after",
  WatchTerminal: "an agent's live screen, read-only",
  AttachTerminal: "takes an agent's terminal over; both ways, so only mosaic agent attach and programs can call it",
  Reset: "starts a fresh conversation in one agent",
  ListMessages: "messages and their receipts, newest first",
  WatchReceipts: "the receipt of each chosen message, again after every step",
  CancelMessage: "gives up a message that was not typed yet",
  RetryMessage: "sends a message again that failed, expired or was never confirmed",
  Decide: "answers what an agent asks leave for",
};
