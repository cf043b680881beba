import { showValue } from "../model/show-value.js";
import { SOURCE_ROOT } from "./source-root.js";

export interface UserStack {
  /** Name and message, such as `TypeError: x is not a function`. */
  readonly message: string;
  /** Frames in the user's own sources, with their `.ts` lines; all frames when there are none. One line each. */
  readonly stack: string;
}

const MOST_MESSAGE = 2000;
const MOST_FRAMES = 20;

/** What to show of whatever user code threw. Never throws, whatever that is. */
export function userStack(error: unknown): UserStack {
  try {
    if (!(error instanceof Error)) return { message: shortened(`a value was thrown that is no Error: ${showValue(error)}`), stack: "" };
    const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
    const own = frames.filter((line) => line.includes(SOURCE_ROOT)).map((line) => line.trimStart().replaceAll(SOURCE_ROOT, ""));
    const shown = own.length > 0 ? own : frames.filter((line) => !line.includes("node:internal")).map((line) => line.trimStart());
    return { message: shortened(`${error.name}: ${error.message}`), stack: shown.slice(0, MOST_FRAMES).join("\n") };
  } catch {
    return { message: "an error was thrown that cannot be shown", stack: "" };
  }
}

function shortened(text: string): string {
  return text.length <= MOST_MESSAGE ? text : `${text.slice(0, MOST_MESSAGE)}... (${text.length} characters)`;
}
