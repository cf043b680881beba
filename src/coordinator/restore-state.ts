import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { jobLogPath, statePaths } from "../storage/layout.js";
import { abandonOutput, resumeOutput } from "../storage/output-committer.js";
import type { StateFolder } from "../storage/state-folder.js";
import { CoordinatorState } from "./coordinator-state.js";
import { decodeEntries, encodeEntries } from "./journal-entry.js";

export interface Restored {
  readonly state: CoordinatorState;
  /** What the next journal must begin with to lead to the same. */
  readonly payloads: readonly Uint8Array[];
  /** Whether an unfinished end was left out. */
  readonly cut: boolean;
}

/** The state that the journal leads to; what ended jobs left behind is swept. */
export async function restoreState(folder: StateFolder, leaseMillis: number | undefined): Promise<Restored> {
  const { payloads, cut } = await folder.readJournal();
  const state = new CoordinatorState(leaseMillis);
  for (const payload of payloads) for (const entry of decodeEntries(payload)) state.replay(entry, (job) => folder.tokenOf(job));
  for (const output of state.unclean.values()) await abandonOutput(output);
  for (const { output } of state.jobs.values()) resumeOutput(output, folder.path);
  await sweepLogs(folder.path, state);
  if (state.jobs.size > 0) return { state, payloads, cut };
  // Nothing depends on what happened before: workers join anew, and of the jobs only their ends matter.
  const ended = state.ended.values();
  const fresh = new CoordinatorState(leaseMillis);
  for (const each of ended) fresh.ended.add(each);
  return { state: fresh, cut, payloads: ended.length === 0 ? [] : [encodeEntries(ended.map((each) => ({ type: "job-ended", ended: each })))] };
}

async function sweepLogs(path: string, state: CoordinatorState): Promise<void> {
  const { logs } = statePaths(path);
  const known = new Set([...state.jobs.keys(), ...state.ended.values().map(({ summary }) => summary.job)].map((job) => jobLogPath(logs, job)));
  for (const name of await readdir(logs)) if (!known.has(join(logs, name))) await rm(join(logs, name), { force: true });
}
