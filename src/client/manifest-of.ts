import type { Manifest } from "../model/manifest.js";
import type { JobProgress, SubmitJob } from "../protocol/messages.js";
import { VERSION } from "../version.js";

/** What a client can say of a finished job whose output folder it does not see: what it submitted and how far the job had come when it last heard of it. Parts and counters are in the manifest beside the output. */
export function manifestOf(submission: SubmitJob, { stages }: JobProgress): Manifest {
  const { job, spec, bundle, planHash } = submission;
  return {
    millrace: VERSION,
    job,
    name: spec.name,
    bundle,
    plan: planHash,
    inputs: [],
    parts: [],
    quarantine: [],
    counters: {},
    records: stages.find((stage) => stage.kind === "map")?.records ?? 0,
    badRecords: 0,
    startedAt: "",
    finishedAt: "",
    timings: {},
  };
}
