/** Commands that ask a cluster about its jobs: jobs, status, cancel, logs. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { askJob, cancelJob, listJobs, readLog, type Connection } from "../client/coordinator-client.js";
import { UsageError } from "../errors.js";
import { parseJobId, type JobId } from "../model/ids.js";
import type { JobUpdate, StageStatus } from "../protocol/messages.js";
import { withCluster, withClusterOptions, type ClusterFlags } from "./cluster-command.js";
import { formatBytes, formatCount } from "./format-amount.js";
import { describeFailure } from "./report-error.js";

interface AskFlags extends ClusterFlags {
  readonly json?: boolean;
}

export function jobsCommand(): Command {
  return withClusterOptions(new Command("jobs"))
    .description("list the jobs of a cluster, the latest first")
    .option("--json", "print one line of JSON")
    .action((flags: AskFlags) =>
      withCluster(flags, "jobs", async (connection) => {
        const jobs = await listJobs(connection);
        if (flags.json === true) return print(JSON.stringify({ jobs }));
        if (jobs.length === 0) return print("no jobs");
        print(table([["JOB", "STATE", "TASKS", "SUBMITTED"], ...jobs.map(({ job, state, tasks, done, submittedAt }) => [job, state, `${done}/${tasks}`, submittedAt])]));
      }),
    );
}

export function statusCommand(): Command {
  return withClusterOptions(new Command("status"))
    .description("show how far a job is, or how it ended")
    .argument("<id>", "id of the job")
    .option("--json", "print one line of JSON")
    .action((id: string, flags: AskFlags) =>
      withCluster(flags, `status ${id}`, async (connection) => {
        const { summary, output, latest } = await askJob(connection, jobIdOf(id));
        if (flags.json === true) return print(JSON.stringify({ ...summary, output, latest }));
        print(`${summary.job}  ${summary.state}  ${summary.done}/${summary.tasks} tasks  submitted ${summary.submittedAt}\n  -> ${output}`);
        for (const line of describeUpdate(latest)) print(line);
      }),
    );
}

export function cancelCommand(): Command {
  return withClusterOptions(new Command("cancel"))
    .description("stop a job and remove all that it wrote")
    .argument("<id>", "id of the job")
    .action((id: string, flags: ClusterFlags) =>
      withCluster(flags, `cancel ${id}`, async (connection) => {
        const job = jobIdOf(id);
        await cancelJob(connection, job, "cancelled by millrace cancel");
        const { summary } = await untilOver(connection, job);
        print(`${job}  ${summary.state}`);
      }),
    );
}

export function logsCommand(): Command {
  return withClusterOptions(new Command("logs"))
    .description("print what the tasks of a job printed and logged")
    .argument("<id>", "id of the job")
    .option("-f, --follow", "go on until the job is over")
    .action((id: string, flags: ClusterFlags & { readonly follow?: boolean }) =>
      withCluster(flags, `logs ${id}`, async (connection) => {
        const job = jobIdOf(id);
        for (let from = 0; ; await sleep(POLL_EVERY)) {
          // Asked before the log is read: what a job printed before its end is there by then.
          const over = flags.follow !== true || isOver((await askJob(connection, job)).latest);
          from = await printLog(connection, job, from);
          if (over) return;
        }
      }),
    );
}

const POLL_EVERY = 500;

async function printLog(connection: Connection, job: JobId, from: number): Promise<number> {
  for (let next = from; ; ) {
    const log = await readLog(connection, job, next);
    process.stdout.write(log.text);
    if (log.next <= next) return next;
    next = log.next;
  }
}

async function untilOver(connection: Connection, job: JobId): Promise<Awaited<ReturnType<typeof askJob>>> {
  for (;; await sleep(POLL_EVERY)) {
    const answer = await askJob(connection, job);
    if (isOver(answer.latest)) return answer;
  }
}

function isOver(update: JobUpdate): boolean {
  return update.type === "job-done" || update.type === "job-failed" || update.type === "job-cancelled";
}

function describeUpdate(update: JobUpdate): string[] {
  switch (update.type) {
    case "job-progressed":
      return [...update.stages.map(describeStage), ...(update.waiting === undefined ? [] : [`  waiting: ${update.waiting}`])];
    case "job-warned":
      return [`  warning: ${update.message}`];
    case "job-done":
      return [];
    case "job-failed":
      return [describeFailure(update.failure)];
    case "job-cancelled":
      return [`  ${update.reason}`];
  }
}

function describeStage({ kind, tasks, running, done, records, bytes, totalBytes }: StageStatus): string {
  const read = totalBytes > 0 ? `, ${formatBytes(bytes)} of ${formatBytes(totalBytes)}` : "";
  return `  ${kind}: ${done}/${tasks} done, ${running} running, ${formatCount(records)} records${read}`;
}

function jobIdOf(text: string): JobId {
  try {
    return parseJobId(text);
  } catch {
    throw new UsageError(`${JSON.stringify(text)} is no job id; \`millrace jobs\` lists those there are`);
  }
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join("\n");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
