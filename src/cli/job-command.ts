import { Option, type Command } from "commander";
import type { JobOptions } from "../client/job-options.js";
import type { LocalOptions } from "../client/run-local.js";
import { collectParam, parseCount, parseDuration, parseSize } from "./parse-options.js";

/** Options as commander gives them. */
export interface JobFlags {
  readonly input?: readonly string[];
  readonly param: Readonly<Record<string, string | string[]>>;
  readonly partitions?: number;
  readonly splitSize?: number;
  readonly memory?: number;
  readonly onBadRecord?: "fail" | "skip" | "quarantine";
  readonly maxBadRecords?: string;
  readonly maxRecordSize?: number;
  readonly maxAttempts?: number;
  readonly taskTimeout?: number;
  readonly speculation: boolean;
}

export interface OutputFlags {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface RunFlags extends OutputFlags {
  readonly threads?: number;
  readonly heap?: number;
  readonly workDir?: string;
}

/** The options of every command that writes an output. */
export function withOutputOptions(command: Command): Command {
  return command
    .requiredOption("-o, --output <dir>", "folder for the output")
    .option("--overwrite", "replace the output folder when the job is done")
    .option("--json", "print the result as one line of JSON on stdout")
    .option("-q, --quiet", "print no progress");
}

/** The options of every command that runs something on this machine. */
export function withRunOptions(command: Command): Command {
  return withOutputOptions(command)
    .option("--threads <n>", "tasks that run at once (default: the number of cores)", parseCount)
    .option("--heap <size>", "JavaScript heap of each thread, such as 2GiB (default: Node's)", parseSize)
    .option("--work-dir <dir>", "folder for intermediate data (default: the system's temporary folder)");
}

export function runOptions({ output, overwrite, threads, heap, workDir }: RunFlags): Omit<LocalOptions, "input"> {
  return {
    output,
    ...(overwrite === undefined ? {} : { overwrite }),
    ...(threads === undefined ? {} : { threads }),
    ...(heap === undefined ? {} : { heap }),
    ...(workDir === undefined ? {} : { workFolder: workDir }),
  };
}

/** The options of every command that takes a job. */
export function withJobOptions(command: Command): Command {
  return command
    .argument("<job>", "job module: a TypeScript or JavaScript file whose default export is defineJob(...)")
    .option("-i, --input <path...>", "input files, folders or globs; they replace those in the job")
    .addOption(new Option("-p, --param <name=value>", "parameter of the job; repeat for more").argParser(collectParam).default({}, "none"))
    .option("--partitions <n>", "reduce partitions, and so parts of the output", parseCount)
    .option("--split-size <size>", "bytes of input for each map task, such as 64MiB", parseSize)
    .option("--memory <size>", "memory for the data of all tasks at once, such as 1GiB", parseSize)
    .addOption(new Option("--on-bad-record <policy>", "what to do with a record that cannot be read or that map throws on").choices(["fail", "skip", "quarantine"]))
    .option("--max-bad-records <n|x%>", "most bad records before the job fails")
    .option("--max-record-size <size>", "longest record that is read (default 64MiB)", parseSize)
    .option("--max-attempts <n>", "failed attempts of one task before the job fails (default 4, or 3 that end its process)", parseCount)
    .option("--task-timeout <time>", "time without progress before an attempt is stopped, such as 10m", parseDuration)
    .option("--no-speculation", "give stragglers no second attempt");
}

export function jobOptions(flags: JobFlags): Omit<JobOptions, "output"> {
  const { input, param, partitions, splitSize, memory, onBadRecord, maxBadRecords, maxRecordSize, maxAttempts, taskTimeout, speculation } = flags;
  return {
    params: param,
    speculation,
    ...(input === undefined ? {} : { input }),
    ...(partitions === undefined ? {} : { partitions }),
    ...(splitSize === undefined ? {} : { splitSize }),
    ...(memory === undefined ? {} : { memory }),
    ...(onBadRecord === undefined ? {} : { onBadRecord }),
    ...(maxBadRecords === undefined ? {} : { maxBadRecords }),
    ...(maxRecordSize === undefined ? {} : { maxRecordSize }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(taskTimeout === undefined ? {} : { taskTimeout }),
  };
}
