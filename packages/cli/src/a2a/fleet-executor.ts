import { createHash, randomUUID } from "node:crypto";
import { type Artifact, type Message, type Part, Role, TaskState } from "@a2a-js/sdk";
import { TaskNotCancelableError } from "@a2a-js/sdk/errors";
import { AgentEvent, type AgentExecutor, type ExecutionEventBus, type RequestContext } from "@a2a-js/sdk/server";
import { DeliveryState, FailureReason, type Fleet, MosaicError } from "@mosaic/client";
import { readAnswer } from "../mcp/read-answer.ts";
import { refusedStep, type TaskStep, type TaskStepState, taskStep } from "./task-step.ts";
import { tellWaiting } from "./tell-waiting.ts";

export interface FleetExecutorOptions {
  readonly fleet: Fleet;
  /** The agent, complete. */
  readonly address: string;
  /** Ends what is being followed. */
  readonly signal: AbortSignal;
}

/** Carries A2A tasks out by sending their texts to one agent of the fleet and reading off the receipts what becomes of them. */
export function fleetExecutor({ fleet, address, signal }: FleetExecutorOptions): AgentExecutor {
  /** What is under way: a message, and whether a server has it yet. */
  const underWay = new Map<string, { readonly messageId: string; readonly taken: Promise<unknown> }>();

  async function follow(task: TaskOf, text: string, publish: (step: TaskStep) => void, bus: ExecutionEventBus): Promise<void> {
    const { messageId } = task;
    // On its agent's host, if that can be reached: on the way between the two nobody can give it up.
    const taken = fleet.send({ to: address, text, messageId, waitFor: DeliveryState.DELIVERED }, { signal });
    underWay.set(task.taskId, { messageId, taken });
    await taken;
    const turn = new AbortController();
    let told = "SUBMITTED ";
    try {
      for await (const receipt of fleet.follow(messageId, signal)) {
        const step = taskStep(receipt);
        if (receipt.state === DeliveryState.ANSWERED) bus.publish(await answerOf(task, text));
        if (told === `${step.state} ${step.text}`) continue;
        told = `${step.state} ${step.text}`;
        publish(step);
        if (step.state === "WORKING") void tellWaiting(fleet, address, AbortSignal.any([signal, turn.signal]), whileWorking);
      }
    } finally {
      turn.abort();
    }
    function whileWorking(why: string): void {
      if (told.startsWith("WORKING")) publish({ state: "WORKING", text: why });
    }
  }

  async function answerOf({ taskId, contextId }: TaskOf, prompt: string) {
    const { text, isAfterPrompt } = await readAnswer(fleet, address, prompt, { signal });
    const artifact: Artifact = {
      ...{ artifactId: "answer", name: "answer", extensions: [], metadata: undefined, parts: [textPart(text)] },
      description: isAfterPrompt ? "what stands on the agent's screen after the prompt" : "the last lines of the agent's screen",
    };
    return AgentEvent.artifactUpdate({ taskId, contextId, artifact, append: false, lastChunk: true, metadata: undefined });
  }

  return {
    async execute({ taskId, contextId, userMessage, task }: RequestContext, bus: ExecutionEventBus) {
      const own: TaskOf = { taskId, contextId, messageId: messageIdOf(userMessage, address) };
      const status = statusOf(own, { state: "SUBMITTED", text: "" });
      bus.publish(
        AgentEvent.task(task ?? { id: taskId, contextId, status, artifacts: [], history: [userMessage], metadata: undefined }),
      );
      const publish = (step: TaskStep) =>
        bus.publish(AgentEvent.statusUpdate({ taskId, contextId, status: statusOf(own, step), metadata: undefined }));
      try {
        const text = textOf(userMessage);
        if (text === "") publish({ state: "REJECTED", text: "there is no text in it: an agent takes texts only" });
        else await follow(own, text, publish, bus);
      } catch (thrown) {
        publish(refusedStep(MosaicError.from(thrown)));
      } finally {
        underWay.delete(taskId);
        bus.finished();
      }
    },
    async cancelTask(taskId: string) {
      const found = underWay.get(taskId);
      if (!found) throw new TaskNotCancelableError(`task ${taskId} is not under way`);
      const { messageId, taken } = found;
      // Before a server has it there is nothing to cancel; that it was not taken, whoever sends it says.
      await taken.catch(() => {});
      const { state, reason } = await fleet.cancel(messageId, { signal });
      // Whoever follows it hears of the end in the same way as of every other.
      if (state === DeliveryState.FAILED && reason === FailureReason.CANCELLED) return;
      throw new TaskNotCancelableError(`task ${taskId} was put before the agent already`);
    },
  };
}

interface TaskOf {
  readonly taskId: string;
  readonly contextId: string;
  readonly messageId: string;
}

/** The same for every repetition of a message, and another one for another agent: what was sent once is not typed twice. */
function messageIdOf({ messageId }: Message, address: string): string {
  return `a2a:${createHash("sha256")
    .update(JSON.stringify([address, messageId]))
    .digest("hex")
    .slice(0, 32)}`;
}

function textOf({ parts }: Message): string {
  return parts
    .flatMap(({ content }) => (content?.$case === "text" ? [content.value] : []))
    .join("\n")
    .trim();
}

function textPart(value: string): Part {
  return { content: { $case: "text", value }, metadata: undefined, filename: "", mediaType: "text/plain" };
}

function statusOf({ taskId, contextId }: TaskOf, { state, text }: TaskStep) {
  const said: Message = {
    ...{ messageId: randomUUID(), taskId, contextId, role: Role.ROLE_AGENT, parts: [textPart(text)] },
    ...{ metadata: undefined, extensions: [], referenceTaskIds: [] },
  };
  return { state: STATES[state], message: text === "" ? undefined : said, timestamp: new Date().toISOString() };
}

const STATES: Readonly<Record<TaskStepState, TaskState>> = {
  SUBMITTED: TaskState.TASK_STATE_SUBMITTED,
  WORKING: TaskState.TASK_STATE_WORKING,
  COMPLETED: TaskState.TASK_STATE_COMPLETED,
  FAILED: TaskState.TASK_STATE_FAILED,
  CANCELED: TaskState.TASK_STATE_CANCELED,
  REJECTED: TaskState.TASK_STATE_REJECTED,
};
