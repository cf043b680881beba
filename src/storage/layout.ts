/**
 * Every path that Millrace writes.
 *
 *     <parent>/<name>/                       an output folder; appears whole, by one rename
 *       part-00000.tsv ...                   one part for each partition (or map task of a map-only job)
 *       _quarantine/part-00000.jsonl ...     bad records set aside, by map task
 *       _SUCCESS                             the manifest, written last
 *     <parent>/.<name>.millrace-lock         who is writing <name>: one job at a time
 *     <parent>/.<name>.millrace-<job>/       staging, beside the output so that a rename never crosses devices
 *       <attempt>.tsv                        what an attempt wrote; nobody reads it before the commit
 *       <attempt>.bad.jsonl                  bad records that the attempt set aside
 *     <parent>/.<name>.millrace-<job>.e<n>/  the same folder in the hands of coordinator n, which commits it
 *       finished/                            the output as it will be
 *       replaced/                            with --overwrite: the old output, until the new one stands
 *     <tmp>/millrace-work-<pid>-<random>/    <work> of a local run or a worker; swept when its process is gone
 *     <work>/.bundles/                       bundles that a worker fetched, filled like the cache below
 *     <work>/<job>/                          a worker's own disk
 *       <attempt>.data, <attempt>.index      a map's output for the shuffle
 *       <attempt>.spill-0 ...                sorted runs of a map or reduce that outgrew its memory
 *       begun-<pid>/<thread>                 the attempt that a thread of an executor began last
 *       <job>_i_<hash>.copy                  a shipped input that is read at places, such as an Arrow file
 *     <cache>/millrace/<installation>/       bundles, by content; job/bundle-cache.ts fills it, and sweeps what was not used for 30 days
 *       <sha256>.mjs
 *       node_modules/{millrace,apache-arrow}/   lead the bundle's imports to this installation
 *       code/<entry>-<Node version>-<arch>.code   what V8 compiled of an entry; compiled-entry.ts fills it
 *     <state>/                               what a coordinator remembers
 *       secret                               tokens of jobs are made of it
 *       epoch-<n>                            one start of a coordinator; the highest is in charge
 *       journal-<n>                          what it was told, under epoch n and before
 *       bundles/<sha256>.mjs                 bundles of jobs that have not ended
 *       logs/<job>.log                       what the tasks of a job printed
 *
 * A temporary file that is not yet whole is named `.<name>.<random>.tmp` beside its final name.
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { parseAttemptId, parseJobId, type AttemptId, type JobId } from "../model/ids.js";

export const SUCCESS = "_SUCCESS";
export const QUARANTINE = "_quarantine";

/** `part-00000.tsv`. */
export function partName(index: number, extension: string): string {
  return `part-${String(index).padStart(5, "0")}.${extension}`;
}

/** `_quarantine/part-00000.jsonl`, relative to the output folder. */
export function quarantineName(mapIndex: number, extension: string): string {
  return `${QUARANTINE}/${partName(mapIndex, extension)}`;
}

export function isPartName(name: string): boolean {
  return /^part-\d{5,}\.[A-Za-z0-9.]+$/.test(name);
}

/** An attempt's part file inside the staging folder. */
export function attemptPartName(attempt: AttemptId, extension: string): string {
  return `${attempt}.${extension}`;
}

/** The bad records that an attempt set aside, inside the staging folder. */
export function attemptQuarantineName(attempt: AttemptId, extension: string): string {
  return `${attempt}.bad.${extension}`;
}

export interface OutputPaths {
  readonly parent: string;
  readonly lock: string;
  readonly staging: string;
}

export function outputPaths(output: string, job: JobId): OutputPaths {
  const parent = dirname(output);
  const staging = join(parent, stagingPrefix(output) + job);
  return { parent, staging, lock: join(parent, `${stagingPrefix(output)}lock`) };
}

export interface ClaimPaths {
  readonly claim: string;
  readonly finished: string;
  readonly replaced: string;
}

/** A staging folder as the coordinator of an epoch names it to commit it. */
export function claimPaths(staging: string, epoch: number): ClaimPaths {
  return claimAt(`${staging}.e${epoch}`);
}

export function claimAt(claim: string): ClaimPaths {
  return { claim, finished: join(claim, "finished"), replaced: join(claim, "replaced") };
}

/** Whether `name`, beside the staging folder, is a claim of some epoch to it. */
export function isClaimOf(staging: string, name: string): boolean {
  const base = basename(staging);
  return name.startsWith(`${base}.e`) && /^\d+$/.test(name.slice(base.length + 2));
}

/** The epoch that made the claim of this name. */
export function epochOfClaim(claim: string): number {
  return Number(claim.slice(claim.lastIndexOf(".e") + 2));
}

/** The job whose staging folder for `output`, claimed or not, has this name, if it is one. */
export function stagingJob(output: string, name: string): JobId | undefined {
  const prefix = stagingPrefix(output);
  if (!name.startsWith(prefix)) return undefined;
  try {
    return parseJobId(name.slice(prefix.length).replace(/\.e\d+$/, ""));
  } catch {
    return undefined;
  }
}

function stagingPrefix(output: string): string {
  return `.${basename(output)}.millrace-`;
}

export interface StatePaths {
  readonly secret: string;
  readonly logs: string;
  readonly bundles: string;
}

export function statePaths(state: string): StatePaths {
  return { secret: join(state, "secret"), logs: join(state, "logs"), bundles: join(state, "bundles") };
}

export function epochPath(state: string, epoch: number): string {
  return join(state, `epoch-${epoch}`);
}

export function journalPath(state: string, epoch: number): string {
  return join(state, `journal-${epoch}`);
}

/** The epoch of a name in the state folder, of an epoch or of its journal. */
export function epochOf(kind: "epoch" | "journal", name: string): number | undefined {
  const digits = name.startsWith(`${kind}-`) ? name.slice(kind.length + 1) : "";
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

export function keptBundlePath(bundles: string, sha256: string): string {
  return join(bundles, `${sha256}.mjs`);
}

export function jobLogPath(logs: string, job: JobId): string {
  return join(logs, `${job}.log`);
}

/** Everything that a worker keeps of a job. */
export function jobWorkDir(work: string, job: JobId): string {
  return join(work, job);
}

/** Where the threads of an executor process note what they begin. */
export function begunFolder(work: string, job: JobId, executor: number): string {
  return join(jobWorkDir(work, job), `begun-${executor}`);
}

/** Where a worker keeps the bundles that it fetches; no job id begins with a dot. */
export function bundleFolder(work: string): string {
  return join(work, ".bundles");
}

/** A map attempt's shuffle output: data for all partitions, and where each one's lies. */
export function mapOutputPaths(work: string, attempt: AttemptId): { readonly data: string; readonly index: string } {
  const base = attemptBase(work, attempt);
  return { data: `${base}.data`, index: `${base}.index` };
}

export function spillPath(work: string, attempt: AttemptId, run: number): string {
  return `${attemptBase(work, attempt)}.spill-${run}`;
}

/** What a shipped input is called where its path means nothing: on the wire, and as a copy on a worker's disk. */
export function shippedName(job: JobId, path: string): string {
  return `${job}_i_${createHash("sha256").update(path).digest("hex").slice(0, 32)}`;
}

export function shippedCopyPath(work: string, job: JobId, path: string): string {
  return join(jobWorkDir(work, job), `${shippedName(job, path)}.copy`);
}

function attemptBase(work: string, attempt: AttemptId): string {
  return join(jobWorkDir(work, parseAttemptId(attempt).job), attempt);
}

/**
 * Where bundles and compiled code are kept. `cacheHome` is $XDG_CACHE_HOME or ~/.cache; `installation` is the path of this copy
 * of Millrace: each copy has its own cache, for a bundle imports the copy that made it.
 */
export function installationCacheDir(cacheHome: string, installation: string): string {
  return join(cacheHome, "millrace", createHash("sha256").update(installation).digest("hex").slice(0, 12));
}

/** V8's code for an entry such as "executor/thread". `engine`: version and architecture of Node. */
export function codePath(cache: string, entry: string, engine: string): string {
  return join(cache, "code", `${entry.replaceAll("/", "-")}-${engine}.code`);
}
