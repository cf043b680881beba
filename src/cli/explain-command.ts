import { Command } from "commander";
import { jobOptions, withJobOptions, type JobFlags } from "./job-command.js";
import { describeError, exitCodeOf } from "./report-error.js";

export function explainCommand(): Command {
  return withJobOptions(new Command("explain"))
    .description("show the plan of a job: stages, splits, partitions, schemas; reads no data")
    .option("-o, --output <dir>", "accepted, so that a run command can be turned into explain; not used")
    .option("--threads <n>", "accepted likewise; the plan does not depend on it")
    .option("--overwrite", "accepted likewise")
    .action(async (job: string, flags: JobFlags) => {
      try {
        // Loaded here: other commands start without it.
        const { explainJob } = await import("../client/explain-job.js");
        process.stdout.write(`${(await explainJob(job, jobOptions(flags))).join("\n")}\n`);
      } catch (error) {
        process.stderr.write(`${describeError(error)}\n`);
        process.exitCode = exitCodeOf(error);
      }
    });
}
