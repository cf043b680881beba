import { TaskFailure } from "../errors.js";
import { showValue } from "../model/show-value.js";
import type { Failure } from "../model/failure.js";
import { userStack } from "../job/user-stack.js";

export interface RecordPlace {
  readonly file?: string;
  readonly offset?: number;
  readonly record?: string;
}

const SHOWN = 200;

/** A function of one value threw; `step` says which. */
export class LiftError extends Error {
  readonly step: string;
  readonly value: unknown;

  constructor(step: string, value: unknown, cause: unknown) {
    super(step, { cause });
    this.step = step;
    this.value = value;
  }
}

/** What user code threw, as a failure that says where: `step` is "map", "reduce" and so on. Failures of Millrace pass unchanged. */
export function userFailure(step: string, error: unknown, place: RecordPlace): TaskFailure {
  if (error instanceof TaskFailure) return error;
  if (error instanceof LiftError) return userFailure(`${error.step} of ${showValue(error.value)}`, error.cause, place);
  const { message, stack } = userStack(error);
  const failure: Failure = { kind: "user-error", message: `${step}: ${message}`, stack, ...place };
  return new TaskFailure(place.record === undefined ? failure : { ...failure, record: shortened(place.record) }, { cause: error });
}

export function shortened(record: string): string {
  return record.length <= SHOWN ? record : `${record.slice(0, SHOWN)}... (${record.length} characters)`;
}
