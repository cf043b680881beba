import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import type { PartSummary } from "../model/task.js";
import { outputPaths } from "./layout.js";

export interface StagedOutput { readonly path: string; readonly staging: string }
export interface CommittedPart { readonly from: string; readonly to: string; readonly summary: PartSummary }
export async function prepareOutput(path: string, { job }: { overwrite: boolean; job: JobId }): Promise<StagedOutput> {
  const { staging } = outputPaths(path, job);
  mkdirSync(staging, { recursive: true });
  return { path, staging };
}
export async function commitOutput(output: StagedOutput, { parts, quarantine, manifest }: { parts: readonly CommittedPart[]; quarantine: readonly CommittedPart[]; manifest: Manifest }): Promise<void> {
  rmSync(output.path, { recursive: true, force: true });
  mkdirSync(output.path, { recursive: true });
  if (quarantine.length > 0) mkdirSync(join(output.path, "_quarantine"));
  for (const { from, to } of [...parts, ...quarantine]) renameSync(join(output.staging, from), join(output.path, to));
  writeFileSync(join(output.path, "_SUCCESS"), JSON.stringify(manifest, null, 2));
  rmSync(output.staging, { recursive: true });
}
export async function abandonOutput(output: StagedOutput): Promise<void> {
  rmSync(output.staging, { recursive: true, force: true });
}
