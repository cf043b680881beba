import { faultPoint } from "../faults.js";
import { parseAttemptId } from "../model/ids.js";
import { sumCounters } from "../model/counters.js";
import type { Manifest, ManifestPart } from "../model/manifest.js";
import type { PartSummary } from "../model/task.js";
import type { CommittedAttempt } from "../scheduler/commands.js";
import { verifyInputs } from "../storage/list-inputs.js";
import { partName, quarantineName } from "../storage/layout.js";
import { commitOutput, isCommitted, type CommittedPart } from "../storage/output-committer.js";
import { VERSION } from "../version.js";
import type { CoordinatedJob } from "./coordinated-job.js";

const atCommit = faultPoint("job.commit");

/** Publishes the parts of the attempts that the scheduler kept. Rejects with TaskFailure when an input changed meanwhile or the disk is full. */
export async function publishOutput(job: CoordinatedJob, epoch: number, committed: readonly CommittedAttempt[], finishedAt: Date): Promise<void> {
  atCommit?.();
  // A commit that was cut off after that has nothing left to compare.
  if (!(await isCommitted(job.output))) await verifyInputs(job.inputs);
  const parts: CommittedPart[] = [];
  const quarantine: CommittedPart[] = [];
  for (const { attempt, result, stats } of committed) {
    const { index } = parseAttemptId(attempt);
    const output = result.type === "reduce" ? result.output : result.type === "map" && result.output.kind === "part" ? result.output : undefined;
    if (output !== undefined) parts.push({ from: output.file, to: partName(index, extensionOf(output)), summary: output });
    if (stats.quarantine !== undefined) quarantine.push({ from: stats.quarantine.file, to: quarantineName(index, "jsonl"), summary: stats.quarantine });
  }
  const manifest = describe(job, committed, parts, quarantine, finishedAt);
  await commitOutput(job.output, epoch, { parts, quarantine, manifest });
}

function extensionOf({ file }: PartSummary): string {
  return file.slice(file.indexOf(".") + 1);
}

function describe(job: CoordinatedJob, committed: readonly CommittedAttempt[], parts: readonly CommittedPart[], quarantine: readonly CommittedPart[], finishedAt: Date): Manifest {
  const { submission, plan, inputs, startedAt } = job;
  const maps = committed.filter(({ result }) => result.type === "map");
  const stageMillis = new Map<string, number>();
  for (const { result, stats } of committed) stageMillis.set(result.type, (stageMillis.get(result.type) ?? 0) + stats.millis);
  return {
    millrace: VERSION,
    job: plan.job,
    name: plan.name,
    bundle: submission.bundle,
    plan: submission.planHash,
    inputs: inputs.map(({ path, size, mtime }) => ({ path, size, mtime })),
    parts: parts.map(manifestPart),
    quarantine: quarantine.map(manifestPart),
    counters: sumCounters(committed.map(({ stats }) => stats.counters)),
    records: maps.reduce((sum, { stats }) => sum + stats.records, 0),
    badRecords: maps.reduce((sum, { stats }) => sum + stats.badRecords, 0),
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    timings: { total: finishedAt.getTime() - startedAt.getTime(), ...Object.fromEntries(stageMillis) },
  };
}

function manifestPart({ to, summary }: CommittedPart): ManifestPart {
  return { file: to, rows: summary.rows, bytes: summary.bytes, crc32: summary.crc32 };
}
