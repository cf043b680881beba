import { BadRecordError, TaskFailure } from "../errors.js";

/** Most characters of a bad record that its error carries. */
const SHOWN = 1000;

/** The whole input is damaged or cannot be read. `problem` says what and what to do, and begins with a verb: "is cut short; ...". */
export function badInput(path: string, problem: string, cause?: unknown): TaskFailure {
  return new TaskFailure({ kind: "bad-input", message: `Input ${path} ${problem}`, file: path }, { cause });
}

export function inputChanged(path: string, problem: string): TaskFailure {
  return new TaskFailure({ kind: "input-changed", message: `Input ${path} ${problem}. Run the job again when nothing writes to it`, file: path });
}

/** One record cannot be read. `problem` begins with a verb or a noun: "not valid JSON: ...". */
export function badRecord(path: string, offset: number, problem: string, text: string): BadRecordError {
  return new BadRecordError(`${path}, byte ${offset}: ${problem}`, offset, text.length > SHOWN ? text.slice(0, SHOWN) : text);
}
