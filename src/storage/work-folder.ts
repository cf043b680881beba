import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "./process-alive.js";

/** A new folder for intermediate data, named after this process. Those of processes that are gone, which could not clean up, are removed. */
export async function makeWorkFolder(parent: string): Promise<string> {
  for (const name of await readdir(parent)) {
    const owner = /^millrace-work-(\d+)-\w{6}$/.exec(name)?.[1];
    // Another user's is not ours to remove, and then stays.
    if (owner !== undefined && !isProcessAlive(Number(owner))) await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
  return mkdtemp(join(parent, `millrace-work-${process.pid}-`));
}
