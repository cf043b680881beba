import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { OutputError } from "../errors.js";
import type { JobId } from "../model/ids.js";
import { isProcessAlive } from "./process-alive.js";
import { errnoOf } from "./write-failure.js";

interface Holder {
  readonly job: string;
  readonly pid: number;
  readonly host: string;
  /** The state folder of a coordinator: the job goes on when that is started again. */
  readonly keptBy?: string;
}

/**
 * Claims an output for one job. A lock whose process is gone from this machine is taken over, unless a state
 * folder keeps its job. Throws OutputError that names the job which holds it.
 */
export function takeLock(lock: string, output: string, job: JobId, keptBy?: string): void {
  const own = `${lock}.${randomBytes(4).toString("hex")}.tmp`;
  writeFileSync(own, JSON.stringify({ job, pid: process.pid, host: hostname(), ...(keptBy === undefined ? {} : { keptBy }) } satisfies Holder));
  try {
    for (let tries = 0; tries < 3; tries++) {
      try {
        // A link either makes the whole lock or fails: nobody sees half of one.
        linkSync(own, lock);
        return;
      } catch (error) {
        if (errnoOf(error) !== "EEXIST") throw error;
      }
      const holder = readHolder(lock);
      if (holder === undefined) continue;
      if (holder.job === job) {
        // Of an earlier coordinator, perhaps.
        renameSync(own, lock);
        return;
      }
      if (holder.keptBy !== undefined) {
        throw new OutputError(`${output} is being written by job ${holder.job} of the coordinator whose state is in ${holder.keptBy} on ${holder.host}. Wait for it or cancel it; if that coordinator is surely gone for good, remove ${lock}`);
      }
      if (holder.host !== hostname() || isProcessAlive(holder.pid)) {
        throw new OutputError(`${output} is being written by job ${holder.job} (process ${holder.pid} on ${holder.host}). Wait for it, or choose another folder; if it is surely gone, remove ${lock}`);
      }
      rmSync(lock, { force: true });
    }
    throw new OutputError(`${output}: another job takes it at the same moment; try again`);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Throws OutputError when the lock is not the job's any more. */
export function checkLock(lock: string, output: string, job: JobId): void {
  const holder = readHolder(lock);
  if (holder?.job !== job) throw new OutputError(`${output}: ${holder === undefined ? `the lock ${lock} was removed` : `job ${holder.job} has taken it`} while job ${job} ran`);
}

export function releaseLock(lock: string, job: JobId): void {
  if (readHolder(lock)?.job === job) rmSync(lock, { force: true });
}

function readHolder(lock: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(lock, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}
