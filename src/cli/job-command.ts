import { Option, type Command } from "commander";
import type { JobOptions } from "../client/job-options.js";
import { collectParam, parseCount, parseDuration, parseSize } from "./parse-options.js";

/** Options as commander gives them. */
export interface JobFlags {
  readonly input?: readonly string[];
  readonly param: Readonly<Record<string, string | string[]>>;
  readonly partitions?: number;
  readonly splitSize?: number;
  readonly memory?: number;
  readonly overwrite?: boolean;
  readonly onBadRecord?: "fail" | "skip" | "quarantine";
  readonly maxBadRecords?: string;
  readonly maxRecordSize?: number;
  readonly maxAttempts?: number;
  readonly taskTimeout?: number;
}

/** The options of every command that takes a job. */
export function withJobOptions(command: Command): Command {
  return command
    .argument("<job>", "job module: a TypeScript or JavaScript file whose default export is defineJob(...)")
    .option("-i, --input <path...>", "input files, folders or globs; they replace those in the job")
    .option("-p, --param <name=value>", "parameter of the job; repeat for more", collectParam, {})
    .option("--partitions <n>", "reduce partitions, and so parts of the output", parseCount)
    .option("--split-size <size>", "bytes of input for each map task, such as 64MiB", parseSize)
    .option("--memory <size>", "memory for the data of all tasks at once, such as 1GiB", parseSize)
    .addOption(new Option("--on-bad-record <policy>", "what to do with a record that cannot be read or that map throws on").choices(["fail", "skip", "quarantine"]))
    .option("--max-bad-records <n|x%>", "most bad records before the job fails")
    .option("--max-record-size <size>", "longest record that is read (default 64MiB)", parseSize)
    .option("--max-attempts <n>", "failed attempts of one task before the job fails (default 4)", parseCount)
    .option("--task-timeout <time>", "time without progress before an attempt is stopped, such as 10m", parseDuration);
}

export function jobOptions(flags: JobFlags, output: string): JobOptions {
  const { input, param, partitions, splitSize, memory, overwrite, onBadRecord, maxBadRecords, maxRecordSize, maxAttempts, taskTimeout } = flags;
  return {
    output,
    params: param,
    ...(input === undefined ? {} : { input }),
    ...(partitions === undefined ? {} : { partitions }),
    ...(splitSize === undefined ? {} : { splitSize }),
    ...(memory === undefined ? {} : { memory }),
    ...(overwrite === undefined ? {} : { overwrite }),
    ...(onBadRecord === undefined ? {} : { onBadRecord }),
    ...(maxBadRecords === undefined ? {} : { maxBadRecords }),
    ...(maxRecordSize === undefined ? {} : { maxRecordSize }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(taskTimeout === undefined ? {} : { taskTimeout }),
  };
}
