import { resolve } from "node:path";
import { cacheFolder } from "../cache-folder.js";
import { hasKernels } from "../columnar/kernels/wasm.js";
import { listFiles } from "../coordinator/admit-job.js";
import { bundleJob } from "../job/bundle.js";
import { jobId } from "../model/ids.js";
import { describePlan } from "../plan/describe-plan.js";
import { planJob } from "../plan/plan-job.js";
import { forkExecutor } from "../worker/fork-executor.js";
import { jobRequest, jobSizes, type JobOptions } from "./job-options.js";
import { LocalEngine } from "./local-engine.js";

/** The plan of a job as lines of text. Lists the inputs but reads no data, and writes nothing. */
export async function explainJob(jobModule: string, options: Omit<JobOptions, "output">): Promise<string[]> {
  const request = jobRequest(options);
  const { splitBytes } = jobSizes(options);
  const engine = new LocalEngine({ threads: 1, forked: forkExecutor(), onOutput: (text) => void process.stderr.write(text) });
  try {
    const { sha256, file } = await bundleJob(resolve(jobModule), cacheFolder());
    const { spec, planHash } = await engine.describe(sha256, file, request);
    const files = await listFiles(spec.input, process.cwd());
    for (const side of Object.values(spec.sides)) await listFiles(side, process.cwd());
    return describePlan(planJob({ job: jobId(spec.name, "explain"), spec, bundle: sha256, planHash, files, ...(splitBytes === undefined ? {} : { splitSize: splitBytes }) }), spec, hasKernels);
  } finally {
    await engine.close();
  }
}
