import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptId } from "../model/ids.js";

/** Removes what an attempt that will not be kept left in these folders; its names all begin with its id. */
export async function sweepAttempt(attempt: AttemptId, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    const own = names.filter((name) => name === attempt || name.startsWith(`${attempt}.`));
    await Promise.all(own.map((name) => rm(join(folder, name), { force: true, recursive: true })));
  }
}
