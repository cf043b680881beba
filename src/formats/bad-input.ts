import { BadRecordError, TaskFailure } from "../errors.js";
import { errnoOf } from "../storage/write-failure.js";

const OF_THIS_MACHINE: ReadonlySet<string> = new Set(["EIO", "ESTALE", "ETIMEDOUT", "ENOTCONN", "EREMOTEIO", "EMFILE", "ENFILE", "ENOMEM"]);
/** Most characters of a bad record that its error carries. */
const SHOWN = 1000;

/** The whole input is damaged or cannot be read. `problem` says what and what to do, and begins with a verb: "is cut short; ...". */
export function badInput(path: string, problem: string, cause?: unknown): TaskFailure {
  return new TaskFailure({ kind: "bad-input", message: `Input ${path} ${problem}`, file: path }, { cause });
}

/**
 * An input could not be opened or read. A disk that fails and descriptors that are used up are this machine's doing, so
 * another one may succeed; whatever else it is (no right to read, a folder) is the same everywhere.
 */
export function unreadable(path: string, problem: string, error: unknown): TaskFailure {
  const kind = OF_THIS_MACHINE.has(errnoOf(error) ?? "") ? "io-error" : "bad-input";
  return new TaskFailure({ kind, message: `Input ${path} ${problem}: ${(error as Error).message}`, file: path }, { cause: error });
}

export function inputChanged(path: string, problem: string): TaskFailure {
  return new TaskFailure({ kind: "input-changed", message: `Input ${path} ${problem}. Run the job again when nothing writes to it`, file: path });
}

/** It was only presumed that a CSV split begins outside quotes, and `reason` makes that doubtful. */
export function needsSurvey(path: string, reason: string): TaskFailure {
  return new TaskFailure({ kind: "needs-survey", message: `${path} must be surveyed before it is read: ${reason}`, file: path });
}

/** One record cannot be read. `problem` begins with a verb or a noun: "not valid JSON: ...". */
export function badRecord(path: string, offset: number, problem: string, text: string): BadRecordError {
  return new BadRecordError(`${path}, byte ${offset}: ${problem}`, offset, text.length > SHOWN ? text.slice(0, SHOWN) : text);
}
