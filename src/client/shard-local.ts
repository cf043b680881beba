import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Manifest } from "../model/manifest.js";
import type { JobProgress } from "../protocol/messages.js";
import { listInputs } from "../storage/list-inputs.js";
import { runLocal, type LocalOptions } from "./run-local.js";
import { shardJobSource, type ShardOptions } from "./shard-job.js";

/** Writes a dataset as Arrow files that `arrow()` reads; `signal` cancels. */
export async function shardLocal(inputs: readonly string[], shard: ShardOptions, options: Omit<LocalOptions, "input">, signal: AbortSignal, onProgress: (progress: JobProgress) => void): Promise<Manifest> {
  const files = await listInputs(inputs, { cwd: process.cwd() });
  const folder = await mkdtemp(join(tmpdir(), "millrace-shard-"));
  try {
    const module = join(folder, "shard.ts");
    await writeFile(module, await shardJobSource(shard, files));
    const handle = runLocal(module, { ...options, input: inputs.map((path) => (path.includes("://") ? path : resolve(path))) });
    handle.onProgress(onProgress);
    signal.addEventListener("abort", () => handle.cancel(String(signal.reason)));
    return await handle.result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
