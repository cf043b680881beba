import type { Counters } from "./counters.js";
import type { Split } from "./split.js";

/**
 * A task is a unit of work that can run anywhere and again: its work says all it needs beyond the job.
 * Survey and sample tasks are short passes over inputs whose results the coordinator hands to later stages.
 */
export type TaskWork =
  /** Finds how a CSV split ends for each state in which it may begin (quotes may hold newlines). */
  | { readonly type: "survey"; readonly split: Split }
  /** Runs the map over a little of the input and returns some of the keys, to place range partitions. */
  | { readonly type: "sample"; readonly splits: readonly Split[] }
  /** Reads its splits one after another: one, or a row of small files. */
  | { readonly type: "map"; readonly splits: readonly Split[] }
  | { readonly type: "reduce"; readonly partition: number };

/** What a finished attempt reports, by stage. */
export type TaskResult =
  | { readonly type: "survey"; readonly transitions: CsvTransitions }
  /** Encoded keys, base64, in no order. */
  | { readonly type: "sample"; readonly keys: readonly string[] }
  | { readonly type: "map"; readonly output: MapOutputSummary | PartSummary }
  | { readonly type: "reduce"; readonly output: PartSummary };

/** State of a CSV scan between two bytes: outside quotes, inside, or after a quote met inside quotes. */
export type CsvState = "plain" | "quoted" | "quote-in-quoted";
/** The state in which a reader begins: `presumed-plain` before anybody has surveyed the file, which is right as long as no quote is met. */
export type CsvStart = CsvState | "presumed-plain";
export type CsvTransitions = Readonly<Record<CsvState, CsvState>>;

/** A map's shuffle output: rows for each partition, in one data file and one index beside it. */
export interface MapOutputSummary {
  readonly kind: "map-output";
  readonly rows: number;
  readonly bytes: number;
}

/** A part file that waits under a temporary name for the commit. */
export interface PartSummary {
  readonly kind: "part";
  /** Name of the attempt's file in the staging folder. */
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  /** CRC-32 of the file, 8 hex digits. */
  readonly crc32: string;
}

export const PART_FILE = /^[\w-]+(\.[\w.-]+)?$/;
export const CRC_32 = /^[0-9a-f]{8}$/;

/** Facts about a finished attempt; counted only when the attempt is the one that is kept. */
export interface AttemptStats {
  readonly records: number;
  readonly bytesRead: number;
  readonly badRecords: number;
  readonly counters: Counters;
  /** Milliseconds of wall time inside the executor. */
  readonly millis: number;
  readonly spills: number;
  /** Bad records set aside by this attempt, when the policy is `quarantine`. */
  readonly quarantine?: PartSummary;
}

/** How far a running attempt has come; any rise counts as progress. */
export interface Progress {
  readonly records: number;
  readonly bytes: number;
  /** Pieces of other work that are done: a batch that was flushed, a block that was merged. */
  readonly steps: number;
}

/** What a task reads of the job's inputs, in order. */
export function splitsOf(work: TaskWork): readonly Split[] {
  switch (work.type) {
    case "survey":
      return [work.split];
    case "sample":
    case "map":
      return work.splits;
    case "reduce":
      return [];
  }
}

/** What later stages need from finished earlier ones. */
export interface StageInputs {
  /** CSV scan state at the start of each map task's first split; others are whole files. */
  readonly csvStates?: readonly CsvState[];
  /** Upper bounds (exclusive) of range partitions 0..R-2 as encoded keys, base64. */
  readonly splitters?: readonly string[];
}

