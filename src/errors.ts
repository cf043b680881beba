import type { Failure } from "./model/failure.js";

/** Base of all errors that Millrace raises on purpose. `code` is stable; messages may improve. */
export abstract class MillraceError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The command line or the options of a call are wrong. Exit code 2. */
export class UsageError extends MillraceError {
  readonly code = "USAGE";
}

/** The job module cannot be bundled, loaded or understood. Exit code 2. */
export class InvalidJobError extends MillraceError {
  readonly code = "INVALID_JOB";
}

/** An input is missing, empty as a glob, unreadable or not a regular file. Found before any work. Exit code 2. */
export class InputError extends MillraceError {
  readonly code = "INVALID_INPUT";
}

/** The output folder cannot be used. Found before any work. Exit code 2. */
export class OutputError extends MillraceError {
  readonly code = "INVALID_OUTPUT";
}

/** The job ran and failed; `failure` is its one cause. Exit code 1. */
export class JobFailedError extends MillraceError {
  readonly code = "JOB_FAILED";
  readonly failure: Failure;
  constructor(message: string, failure: Failure) {
    super(message);
    this.failure = failure;
  }
}

/** The cluster cannot be reached, or does not know what was asked for; nothing is wrong with the job. Exit code 1. */
export class ClusterError extends MillraceError {
  readonly code = "CLUSTER";
}

/** The job was cancelled. Exit code 130. */
export class CancelledError extends MillraceError {
  readonly code = "CANCELLED";
}

/** Carries a failure from where it is found to the edge of the task. */
export class TaskFailure extends MillraceError {
  readonly code = "TASK_FAILED";
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** One record could not be read; reading can go on behind it. */
export class BadRecordError extends MillraceError {
  readonly code = "BAD_RECORD";
  readonly offset: number;
  /** The record's text, or the start of it. */
  readonly record: string;
  constructor(message: string, offset: number, record: string) {
    super(message);
    this.offset = offset;
    this.record = record;
  }
}

/** The text of whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
