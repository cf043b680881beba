/**
 * An output folder appears whole or not at all. Attempts write into a staging folder beside it, under their own
 * names; the commit puts the authorised ones together in a folder `finished`, with the manifest last, and renames
 * that to the final name. With `overwrite` the old folder steps aside for the moment of the rename.
 *
 *     prepareOutput -> (attempts write) -> commitOutput
 *                                      \-> abandonOutput
 *
 * A commit first claims the staging folder by renaming it to a name that holds the coordinator's epoch. A later
 * coordinator that finishes the commit renames it again: from then on every path that the earlier one knows
 * is gone, so one that was frozen at any point of its commit and wakes up can change nothing.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OutputError } from "../errors.js";
import { faultPoint } from "../faults.js";
import type { JobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import type { PartSummary } from "../model/task.js";
import { claimAt, claimPaths, epochOfClaim, isClaimOf, isPartName, outputPaths, QUARANTINE, stagingJob, SUCCESS, type ClaimPaths, type OutputPaths } from "./layout.js";
import { checkLock, releaseLock, takeLock } from "./output-lock.js";
import { syncFolder } from "./sync-folder.js";
import { errnoOf, writeFailure } from "./write-failure.js";

const beforeRename = faultPoint("commit.before-rename");
const afterRename = faultPoint("commit.after-rename");

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

/**
 * Claims the output. Throws OutputError, before any work, when it is taken, not empty, or cannot be written.
 * `keptBy` names what remembers the job when this process is gone, so that its claim stands until then.
 */
export async function prepareOutput(path: string, { overwrite, job, keptBy }: { readonly overwrite: boolean; readonly job: JobId; readonly keptBy?: string }): Promise<StagedOutput> {
  const paths = outputPaths(path, job);
  await checkTarget(path, overwrite);
  const madeFolders = await makeParents(paths.parent, path);
  try {
    takeLock(paths.lock, path, job, keptBy);
    await sweepDead(path, paths.parent, job);
    // An admission that was cut off has made it before.
    await makeFolder(paths.staging);
  } catch (error) {
    if (!(error instanceof OutputError)) releaseLock(paths.lock, job);
    await removeFolders(madeFolders);
    throw error instanceof OutputError ? error : new OutputError(`${path}: cannot be written: ${(error as Error).message}`);
  }
  return { ...paths, path, job, overwrite, madeFolders };
}

/** The same job goes on under another coordinator. Throws OutputError when the output is another job's by now. */
export function resumeOutput({ path, lock, job }: StagedOutput, keptBy: string): void {
  takeLock(lock, path, job, keptBy);
}

/**
 * Publishes the parts and no others. May be called again, by a coordinator of the same or a later epoch, after a
 * crash in the midst of it. Throws TaskFailure.
 */
export async function commitOutput(output: StagedOutput, epoch: number, content: { readonly parts: readonly CommittedPart[]; readonly quarantine: readonly CommittedPart[]; readonly manifest: Manifest }): Promise<void> {
  const { path, staging, lock, job } = output;
  const paths = claimPaths(staging, epoch);
  try {
    const claimed = await claim(output, paths.claim);
    // Only now: whoever had claimed it before could have published it until then, and can no more.
    if (!(await isCommitted(output))) {
      if (!claimed) throw new Error(`what the attempts wrote, ${staging}, is gone`);
      checkLock(lock, path, job);
      await assemble(paths, content);
      beforeRename?.();
      await publish(path, paths);
      afterRename?.();
      await syncFolder(dirname(path));
    }
    await removeClaims(output);
  } catch (error) {
    throw writeFailure(error, errnoOf(error) === undefined ? paths.finished : path);
  }
  releaseLock(lock, job);
}

/** Whether what stands at the output's path is what this job published. */
export async function isCommitted({ path, job }: StagedOutput): Promise<boolean> {
  return (await readManifest(path, job)) !== undefined;
}

/** The manifest at an output's path, as text; undefined when there is none, or it is not this job's. */
export async function readManifest(path: string, job: JobId): Promise<string | undefined> {
  const text = await readFile(join(path, SUCCESS), "utf8").catch(() => "{}");
  try {
    return (JSON.parse(text) as Partial<Manifest>).job === job ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Removes everything that the job wrote. Safe to call again. */
export async function abandonOutput(output: StagedOutput): Promise<void> {
  const { path, staging, lock, job, madeFolders } = output;
  for (const claimed of await claimsOf(output)) {
    const { replaced } = claimAt(claimed);
    if (existsSync(replaced) && !existsSync(path)) await rename(replaced, path);
  }
  await rm(staging, { recursive: true, force: true });
  await removeClaims(output);
  releaseLock(lock, job);
  await removeFolders(madeFolders);
}

/** Takes the staging folder from the attempts, or from an earlier coordinator that had claimed it. False when there is none. */
async function claim(output: StagedOutput, own: string): Promise<boolean> {
  for (;;) {
    // In this order: between the two looks the folder may get a claim's name, never its first one back.
    const unclaimed = existsSync(output.staging) ? output.staging : undefined;
    const held = unclaimed ?? (await claimsOf(output))[0];
    if (held === undefined) return false;
    if (held === own) return true;
    // This coordinator froze and wakes up: the commit is its successor's. A rename that comes too late finds nothing to rename.
    if (unclaimed === undefined && epochOfClaim(held) > epochOfClaim(own)) throw new Error(`a later coordinator commits it, ${held}`);
    try {
      await rename(held, own);
      return true;
    } catch (error) {
      // It changed hands at this moment.
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
}

async function claimsOf({ parent, staging }: StagedOutput): Promise<string[]> {
  const names = await readdir(parent).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => isClaimOf(staging, name)).map((name) => join(parent, name));
}

async function removeClaims(output: StagedOutput): Promise<void> {
  for (const claimed of await claimsOf(output)) await rm(claimed, { recursive: true, force: true });
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
    const folder = join(parent, name);
    if (folder === outputPaths(path, job).lock) continue;
    const { replaced } = claimAt(folder);
    if (existsSync(replaced) && !existsSync(path)) await rename(replaced, path);
    await rm(folder, { recursive: true, force: true });
  }
}

async function assemble({ claim: claimed, finished }: ClaimPaths, { parts, quarantine, manifest }: Parameters<typeof commitOutput>[2]): Promise<void> {
  // A commit that was cut off may have made it before.
  await makeFolder(finished);
  if (quarantine.length > 0) await makeFolder(join(finished, QUARANTINE));
  for (const { from, to } of [...parts, ...quarantine]) {
    await rename(join(claimed, from), join(finished, to)).catch((error: unknown) => {
      // A commit that was cut off has moved it before.
      if (!existsSync(join(finished, to))) throw error;
    });
  }
  const success = join(finished, SUCCESS);
  await writeFile(success, `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  if (quarantine.length > 0) await syncFolder(join(finished, QUARANTINE));
  await syncFolder(finished);
}

/** Not with its parents: a claim that a later coordinator has renamed must not come back. */
async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: unknown) => {
    if (errnoOf(error) !== "EEXIST") throw error;
  });
}

async function publish(path: string, { finished, replaced }: ClaimPaths): Promise<void> {
  if (existsSync(path)) await rename(path, replaced);
  try {
    await rename(finished, path);
  } catch (error) {
    if (existsSync(replaced) && !existsSync(path)) await rename(replaced, path);
    throw error;
  }
}
