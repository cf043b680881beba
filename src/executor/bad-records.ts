import { join } from "node:path";
import { TaskFailure } from "../errors.js";
import { needsSurvey } from "../formats/bad-input.js";
import type { AttemptId } from "../model/ids.js";
import type { BadRecordPolicy } from "../model/job-spec.js";
import type { PartSummary } from "../model/task.js";
import { attemptQuarantineName } from "../storage/layout.js";
import { PartFile } from "../storage/part-file.js";

/** One line of a quarantine file. */
export interface QuarantinedRecord {
  readonly file: string;
  readonly offset: number;
  readonly error: string;
  readonly record: string;
}

export interface BadRecordSink {
  /** False when the first bad record ends the job. */
  readonly tolerated: boolean;
  /** Sets one record aside. Throws when that is one too many. */
  take(record: QuarantinedRecord): void;
}

/** Passes over bad records without a trace: for passes whose records will be read again. */
export const overlook: BadRecordSink = { tolerated: true, take: () => {} };

/** Applies the bad-record policy inside one attempt; the coordinator adds up the attempts of a job. */
export class BadRecords implements BadRecordSink {
  readonly #policy: BadRecordPolicy;
  readonly #staging: string;
  readonly #attempt: AttemptId;
  readonly #presumed: boolean;
  #file: PartFile | undefined;
  count = 0;

  /** `presumed`: where records begin may be wrong, and so what looks like a bad record. */
  constructor(policy: BadRecordPolicy, staging: string, attempt: AttemptId, presumed: boolean) {
    this.#presumed = presumed;
    this.#policy = policy;
    this.#staging = staging;
    this.#attempt = attempt;
  }

  get tolerated(): boolean {
    return this.#policy.action !== "fail";
  }

  take(record: QuarantinedRecord): void {
    if (this.#presumed) throw needsSurvey(record.file, `what begins at byte ${record.offset} looks like a bad record`);
    this.count++;
    const { limit } = this.#policy;
    if (limit !== undefined && "count" in limit && this.count > limit.count) {
      const message = `More than ${limit.count} bad records (the limit of maxBadRecords); the last: ${record.error}`;
      throw new TaskFailure({ kind: "too-many-bad-records", message, file: record.file, offset: record.offset, record: record.record });
    }
    if (this.#policy.action !== "quarantine") return;
    this.#file ??= PartFile.create(join(this.#staging, attemptQuarantineName(this.#attempt, "jsonl")));
    this.#file.write(Buffer.from(`${JSON.stringify(record)}\n`));
  }

  finish(): PartSummary | undefined {
    return this.#file && { kind: "part", file: attemptQuarantineName(this.#attempt, "jsonl"), rows: this.count, ...this.#file.finish() };
  }

  abandon(): void {
    this.#file?.abandon();
  }
}
