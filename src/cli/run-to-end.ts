import type { Manifest } from "../model/manifest.js";
import type { JobProgress } from "../protocol/messages.js";
import { formatBytes, formatCount, formatDuration } from "./format-amount.js";
import { progressDisplay } from "./progress-display.js";
import { describeError, exitCodeOf } from "./report-error.js";

export interface RunHooks {
  readonly signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  onOutput(text: string): void;
}

export interface RenderOptions {
  readonly output: string;
  /** One line of JSON on stdout in place of the summary. */
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Follows a job on the terminal: progress, interrupts, summary or error. Gives the exit code. */
export async function runToEnd({ output, json, quiet }: RenderOptions, run: (hooks: RunHooks) => Promise<Manifest>): Promise<number> {
  const display = progressDisplay(process.stderr, quiet, () => performance.now());
  const started = performance.now();
  const abort = new AbortController();
  const interrupts = onInterrupt((signal) => abort.abort(`interrupted by ${signal}`), () => display.close());
  try {
    const manifest = await run({ signal: abort.signal, onProgress: (progress) => display.update(progress), onOutput: (text) => display.print(text) });
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
    cancel(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, handler);
  return { remove: () => signals.forEach((signal) => process.off(signal, handler)) };
}
