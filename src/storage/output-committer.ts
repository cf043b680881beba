/**
 * An output folder appears whole or not at all. Attempts write into a staging folder beside it, under their own
 * names; the commit puts the authorised ones together in staging/finished, with the manifest last, and renames
 * that folder to the final name. With `overwrite` the old folder steps aside for the moment of the rename.
 *
 *     prepareOutput -> (attempts write) -> commitOutput
 *                                      \-> abandonOutput
 */
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OutputError } from "../errors.js";
import type { JobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import type { PartSummary } from "../model/task.js";
import { isPartName, outputPaths, QUARANTINE, stagingJob, SUCCESS, type OutputPaths } from "./layout.js";
import { releaseLock, takeLock } from "./output-lock.js";
import { errnoOf, writeFailure } from "./write-failure.js";

export interface StagedOutput extends OutputPaths {
  readonly path: string;
  readonly job: JobId;
  readonly overwrite: boolean;
  /** Folders above the output that were made for it, deepest first; they go if the job does not commit. */
  readonly madeFolders: readonly string[];
}

export interface CommittedPart {
  /** Name in the staging folder. */
  readonly from: string;
  /** Name in the output folder. */
  readonly to: string;
  readonly summary: PartSummary;
}

/** Claims the output. Throws OutputError, before any work, when it is taken, not empty, or cannot be written. */
export async function prepareOutput(path: string, { overwrite, job }: { readonly overwrite: boolean; readonly job: JobId }): Promise<StagedOutput> {
  const paths = outputPaths(path, job);
  await checkTarget(path, overwrite);
  const madeFolders = await makeParents(paths.parent, path);
  try {
    takeLock(paths.lock, path, job);
    await sweepDead(path, paths.parent, job);
    await mkdir(paths.staging, { mode: 0o777 });
  } catch (error) {
    if (!(error instanceof OutputError)) releaseLock(paths.lock, job);
    await removeFolders(madeFolders);
    throw error instanceof OutputError ? error : new OutputError(`${path}: cannot be written: ${(error as Error).message}`);
  }
  return { ...paths, path, job, overwrite, madeFolders };
}

/** Publishes the parts and no others. May be called again after a crash in the midst of it. Throws TaskFailure. */
export async function commitOutput(output: StagedOutput, content: { readonly parts: readonly CommittedPart[]; readonly quarantine: readonly CommittedPart[]; readonly manifest: Manifest }): Promise<void> {
  const { path, staging, finished } = output;
  try {
    if (existsSync(staging)) {
      await assemble(output, content);
      await publish(output);
      await syncFolder(dirname(path));
    }
    await rm(staging, { recursive: true, force: true });
  } catch (error) {
    throw writeFailure(error, errnoOf(error) === undefined ? finished : path);
  }
  releaseLock(output.lock, output.job);
}

/** Removes everything that the job wrote. Safe to call again. */
export async function abandonOutput({ staging, lock, job, madeFolders }: StagedOutput): Promise<void> {
  await rm(staging, { recursive: true, force: true });
  releaseLock(lock, job);
  await removeFolders(madeFolders);
}

async function checkTarget(path: string, overwrite: boolean): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw new OutputError(`${path}: ${(error as Error).message}`);
  });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new OutputError(`${path} is a file; the output must be a folder`);
  const names = await readdir(path);
  if (names.length === 0) return;
  if (!overwrite) throw new OutputError(`${path} exists and is not empty. Choose another folder, or replace it with --overwrite`);
  const foreign = names.find((name) => name !== SUCCESS && name !== QUARANTINE && !isPartName(name));
  if (foreign !== undefined) throw new OutputError(`${path} holds ${foreign}, which no job wrote; --overwrite replaces only the output of a job. Choose another folder, or remove it yourself`);
}

async function makeParents(parent: string, path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = parent; !existsSync(folder); folder = dirname(folder)) missing.push(folder);
  try {
    await mkdir(parent, { recursive: true });
  } catch (error) {
    throw new OutputError(`${path}: the folder ${parent} cannot be made: ${(error as Error).message}`);
  }
  return missing;
}

async function removeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await rmdir(folder);
    } catch {
      return; // Somebody else uses it by now.
    }
  }
}

/** We hold the lock, so whoever made other staging folders of this output is gone. One that was replacing the old output gives it back. */
async function sweepDead(path: string, parent: string, job: JobId): Promise<void> {
  for (const name of await readdir(parent)) {
    const dead = stagingJob(path, name);
    if (dead === undefined || dead === job) continue;
    const { staging, replaced, lock } = outputPaths(path, dead);
    if (staging === lock) continue;
    if (existsSync(replaced) && !existsSync(path)) await rename(replaced, path);
    await rm(staging, { recursive: true, force: true });
  }
}

async function assemble({ staging, finished }: StagedOutput, { parts, quarantine, manifest }: Parameters<typeof commitOutput>[1]): Promise<void> {
  await mkdir(finished, { recursive: true });
  if (quarantine.length > 0) await mkdir(join(finished, QUARANTINE), { recursive: true });
  for (const { from, to } of [...parts, ...quarantine]) {
    await rename(join(staging, from), join(finished, to)).catch((error: unknown) => {
      // A commit that was cut off has moved it before.
      if (!existsSync(join(finished, to))) throw error;
    });
  }
  const success = join(finished, SUCCESS);
  await writeFile(success, `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  if (quarantine.length > 0) await syncFolder(join(finished, QUARANTINE));
  await syncFolder(finished);
}

async function publish({ path, finished, replaced }: StagedOutput): Promise<void> {
  if (existsSync(path)) await rename(path, replaced);
  try {
    await rename(finished, path);
  } catch (error) {
    if (existsSync(replaced) && !existsSync(path)) await rename(replaced, path);
    throw error;
  }
}

/** Makes names in a folder durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
