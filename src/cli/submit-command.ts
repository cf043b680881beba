import { Command } from "commander";
import { submit } from "../client/submit.js";
import { clusterOptions, reporting, withClusterOptions, type ClusterFlags } from "./cluster-command.js";
import { jobOptions, withJobOptions, withOutputOptions, type JobFlags, type OutputFlags } from "./job-command.js";
import { parseNumber } from "./parse-options.js";
import { runToEnd } from "./run-to-end.js";

interface SubmitFlags extends JobFlags, OutputFlags, ClusterFlags {
  readonly detach?: boolean;
  readonly id?: string;
  readonly priority?: number;
  readonly ship?: boolean;
}

export function submitCommand(): Command {
  return withClusterOptions(withOutputOptions(withJobOptions(new Command("submit"))))
    .description("run a job on a cluster; Ctrl-C cancels it")
    .option("--detach", "print the job's id as soon as the cluster has taken it, and leave")
    .option("--id <id>", "id of the job: submitting the same id again starts nothing, but follows that job")
    .option("--priority <n>", "jobs with a higher number get free slots first (default 0)", parseNumber)
    .option("--ship", "the coordinator reads the input and serves it to workers that cannot open it")
    .action((job: string, flags: SubmitFlags) => reporting(() => submitAndFollow(job, flags)));
}

async function submitAndFollow(job: string, flags: SubmitFlags): Promise<void> {
  const { output, overwrite, json = false, quiet = false, detach = false, id, priority, ship } = flags;
  const cluster = clusterOptions(flags);
  const options = {
    ...jobOptions(flags),
    ...cluster,
    output,
    ...(overwrite === undefined ? {} : { overwrite }),
    ...(id === undefined ? {} : { id }),
    ...(priority === undefined ? {} : { priority }),
    ...(ship === undefined ? {} : { ship }),
  };
  if (detach) {
    const handle = submit(job, options);
    await handle.accepted;
    handle.detach();
    await handle.result.catch(() => {});
    process.stdout.write(json ? `${JSON.stringify({ status: "accepted", job: handle.id })}\n` : `${handle.id}\n`);
    if (!quiet) process.stderr.write(`${handle.id} goes on by itself: \`millrace status ${handle.id}\`, logs and cancel tell and act on it\n`);
    return;
  }
  process.exitCode = await runToEnd({ output, json, quiet }, async ({ signal, onProgress, onOutput }) => {
    const handle = submit(job, { ...options, onOutput });
    handle.onProgress(onProgress);
    signal.addEventListener("abort", () => handle.cancel(String(signal.reason)));
    void handle.accepted.then(() => quiet || json || onOutput(`job ${handle.id}\n`)).catch(() => {});
    return handle.result;
  });
}
