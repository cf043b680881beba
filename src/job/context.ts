import type { Input } from "./dataset.js";

/** Broadcast inputs by name. */
export type SideInputs = Readonly<Record<string, Input<unknown>>>;
export type RecordOf<I> = I extends Input<infer R> ? R : never;

/** A named total that the job reports; only attempts that are kept count. */
export interface Counter {
  /** Adds `n`, by default 1. */
  add(n?: number): void;
}

/** Writes a line to the job's log: `ctx.log("text")` or `ctx.log.warn("text")`. */
export interface TaskLog {
  (message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What a task offers to the functions of a job. */
export interface TaskContext<P, S> {
  /** The job's parameters, parsed by its schema. */
  readonly params: P;
  /** Id of the task, such as `wc-7f3a_m_00005`: the same for every attempt. */
  readonly task: string;
  readonly signal: AbortSignal;
  readonly log: TaskLog;
  counter(name: string): Counter;
  /** A number in [0, 1), seeded by the task: a task that runs again draws the same numbers. */
  random(): number;
  /** All records of a side input; read once per thread. */
  side<Name extends keyof S>(name: Name): readonly RecordOf<S[Name]>[];
}

export interface MapContext<P, S> extends TaskContext<P, S> {
  /** Path of the input file of the record at hand. */
  readonly file: string;
  /** Byte offset of the record at hand in its (uncompressed) file. */
  readonly offset: number;
}

export type ReduceContext<P, S> = TaskContext<P, S> & {
  /** Number of this part, from 0. */
  readonly partition: number;
};
