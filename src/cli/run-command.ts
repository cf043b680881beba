import type { ChildProcess } from "node:child_process";
import { Command } from "commander";
import { runForked } from "../client/run-local.js";
import { forkExecutor } from "../worker/fork-executor.js";
import { jobOptions, withJobOptions, withRunOptions, runOptions, type JobFlags, type RunFlags } from "./job-command.js";
import { runCommandLine } from "./program.js";
import { runToEnd } from "./run-to-end.js";

/** The entry of `millrace run`, whose executor has been forked. */
export function runProgram(forked: ChildProcess): Promise<void> {
  return runCommandLine([runCommand(() => forked)]);
}

export function runCommand(fork: () => ChildProcess = forkExecutor): Command {
  return withRunOptions(withJobOptions(new Command("run")))
    .description("run a job on this machine")
    .action(async (job: string, flags: JobFlags & RunFlags) => {
      const { output, json = false, quiet = false } = flags;
      process.exitCode = await runToEnd({ output, json, quiet }, async ({ signal, onProgress, onOutput }) => {
        const handle = runForked(job, { ...jobOptions(flags), ...runOptions(flags), onOutput }, fork);
        handle.onProgress(onProgress);
        signal.addEventListener("abort", () => handle.cancel(String(signal.reason)));
        return handle.result;
      });
    });
}
