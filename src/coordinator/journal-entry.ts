/** What a journal holds, in the order in which it came to be. */
import type { JobId } from "../model/ids.js";
import type { InputFile } from "../model/split.js";
import type { SubmitJob } from "../protocol/messages.js";
import type { SchedulerEvent } from "../scheduler/events.js";
import type { StagedOutput } from "../storage/output-committer.js";
import type { EndedJob } from "./ended-jobs.js";
import type { Member } from "./members.js";

export type JournalEntry =
  /** What the scheduler was told. */
  | { readonly type: "event"; readonly event: SchedulerEvent }
  /** An output is about to be claimed for a job that may not be admitted. */
  | { readonly type: "job-claims"; readonly job: JobId; readonly path: string }
  | { readonly type: "job-admitted"; readonly event: Extract<SchedulerEvent, { type: "job-submitted" }>; readonly job: AdmittedJob }
  | { readonly type: "member-joined"; readonly event: Extract<SchedulerEvent, { type: "worker-joined" }>; readonly member: Member }
  /** Nothing of the job is left but how it ended. */
  | { readonly type: "job-cleaned"; readonly job: JobId }
  /** Stands for everything that earlier entries said of the job. */
  | { readonly type: "job-ended"; readonly ended: EndedJob };

/** A job as it was admitted; its plan is the event's. It holds no secret. */
export interface AdmittedJob {
  readonly submission: SubmitJob;
  readonly inputs: readonly InputFile[];
  readonly sides: Readonly<Record<string, readonly InputFile[]>>;
  readonly output: StagedOutput;
  readonly startedAt: string;
}

/** Entries become durable together: one frame of the journal holds those that came while the one before was written. */
export function encodeEntries(entries: readonly JournalEntry[]): Uint8Array {
  return Buffer.from(JSON.stringify(entries));
}

export function decodeEntries(payload: Uint8Array): JournalEntry[] {
  return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()) as JournalEntry[];
}
