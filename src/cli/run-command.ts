import { Command } from "commander";
import { runLocal } from "../client/run-local.js";
import { jobOptions, withJobOptions, withRunOptions, runOptions, type JobFlags, type RunFlags } from "./job-command.js";
import { runToEnd } from "./run-to-end.js";

export function runCommand(): Command {
  return withRunOptions(withJobOptions(new Command("run")))
    .description("run a job on this machine")
    .action(async (job: string, flags: JobFlags & RunFlags) => {
      const { output, json = false, quiet = false } = flags;
      process.exitCode = await runToEnd({ output, json, quiet }, async ({ signal, onProgress, onOutput }) => {
        const handle = runLocal(job, { ...jobOptions(flags), ...runOptions(flags), onOutput });
        handle.onProgress(onProgress);
        signal.addEventListener("abort", () => handle.cancel(String(signal.reason)));
        return handle.result;
      });
    });
}
