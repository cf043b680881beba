import { Command } from "commander";
import type { JobHandle } from "../client/job-handle.js";
import { runLocal } from "../client/run-local.js";
import type { Manifest } from "../model/manifest.js";
import { formatBytes, formatCount, formatDuration } from "./format-amount.js";
import { jobOptions, withJobOptions, type JobFlags } from "./job-command.js";
import { parseCount } from "./parse-options.js";
import { progressDisplay } from "./progress-display.js";
import { describeError, exitCodeOf } from "./report-error.js";

interface RunFlags extends JobFlags {
  readonly output: string;
  readonly threads?: number;
  readonly workDir?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function runCommand(): Command {
  return withJobOptions(new Command("run"))
    .description("run a job on this machine")
    .requiredOption("-o, --output <dir>", "folder for the output")
    .option("--overwrite", "replace the output folder when the job is done")
    .option("--threads <n>", "tasks that run at once (default: the number of cores)", parseCount)
    .option("--work-dir <dir>", "folder for intermediate data (default: the system's temporary folder)")
    .option("--json", "print the result as one line of JSON on stdout")
    .option("-q, --quiet", "print no progress")
    .action(async (job: string, flags: RunFlags) => {
      process.exitCode = await run(job, flags);
    });
}

async function run(jobModule: string, flags: RunFlags): Promise<number> {
  const { output, threads, workDir, json = false, quiet = false } = flags;
  const display = progressDisplay(process.stderr, quiet, () => performance.now());
  const started = performance.now();
  let handle: JobHandle | undefined;
  const interrupts = onInterrupt((signal) => handle?.cancel(signal), () => display.close());
  try {
    handle = runLocal(jobModule, {
      ...jobOptions(flags, output),
      onOutput: (text) => display.print(text),
      ...(threads === undefined ? {} : { threads }),
      ...(workDir === undefined ? {} : { workFolder: workDir }),
    });
    handle.onProgress((progress) => display.update(progress));
    const manifest = await handle.result;
    display.close();
    if (json) process.stdout.write(`${JSON.stringify({ status: "done", output, ...manifest })}\n`);
    else if (!quiet) process.stderr.write(summary(manifest, output, performance.now() - started));
    return 0;
  } catch (error) {
    display.close();
    if (json) process.stdout.write(`${JSON.stringify(errorResult(error))}\n`);
    process.stderr.write(`${describeError(error)}\n`);
    return exitCodeOf(error);
  } finally {
    interrupts.remove();
  }
}

function summary(manifest: Manifest, output: string, millis: number): string {
  const { parts, records, badRecords, counters, quarantine } = manifest;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const lines = [`${manifest.name}: ${formatCount(records)} records in, ${formatCount(rows)} rows out (${formatBytes(bytes)} in ${parts.length} part${parts.length === 1 ? "" : "s"}), ${formatDuration(millis)}`];
  if (badRecords > 0) lines.push(`  bad records: ${formatCount(badRecords)}${quarantine.length > 0 ? `, kept in ${output}/_quarantine` : ", passed over"}`);
  for (const [name, value] of Object.entries(counters).sort(([a], [b]) => (a < b ? -1 : 1))) lines.push(`  ${name}: ${formatCount(value)}`);
  return `${[...lines, `  -> ${output}`].join("\n")}\n`;
}

function errorResult(error: unknown): object {
  const { code, message, failure } = error as { code?: string; message?: string; failure?: unknown };
  return { status: exitCodeOf(error) === 130 ? "cancelled" : "failed", error: { code: code ?? "INTERNAL", message: message ?? String(error), ...(failure === undefined ? {} : { failure }) } };
}

/** Ctrl-C cancels the job, which cleans up; a second one gives up on that. */
function onInterrupt(cancel: (signal: string) => void, giveUp: () => void): { remove(): void } {
  let interrupts = 0;
  const handler = (signal: NodeJS.Signals): void => {
    if (++interrupts > 1) {
      giveUp();
      process.exit(130);
    }
    cancel(`interrupted by ${signal}`);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, handler);
  return { remove: () => signals.forEach((signal) => process.off(signal, handler)) };
}
