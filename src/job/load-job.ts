import { pathToFileURL } from "node:url";
import { InvalidJobError } from "../errors.js";
import { importModule } from "../import-module.js";
import { showValue } from "../model/show-value.js";
import { isWhole } from "./bundle-cache.js";
import type { Job, JobDefinition } from "./define-job.js";
import { userStack } from "./user-stack.js";

/** The job of a bundle. The bundle is verified before a line of it runs. Throws InvalidJobError when it holds no job. */
export async function loadJob(file: string, sha256: string): Promise<JobDefinition> {
  if (!isWhole(file, sha256)) throw new InvalidJobError(`The bundle ${file} is missing or damaged; run the job again`);
  const module = await importBundle(file);
  const job = module["default"];
  if (job === undefined) {
    const names = Object.keys(module);
    throw new InvalidJobError(`The job module has no default export${names.length > 0 ? ` (it exports ${names.join(", ")})` : ""}; write \`export default defineJob({ ... })\``);
  }
  if (!isJob(job)) throw new InvalidJobError(`The default export of the job module is ${showValue(job)}, not a job; write \`export default defineJob({ ... })\``);
  return job.definition;
}

async function importBundle(file: string): Promise<Record<string, unknown>> {
  try {
    return await importModule(pathToFileURL(file).href);
  } catch (error) {
    if (isRefusal(error)) throw withPlace(error);
    const { message, stack } = userStack(error);
    throw new InvalidJobError(`The job module failed while it was loaded: ${message}${stack === "" ? "" : `\n${stack}`}`);
  }
}

/** By its code: the job may have been handed another copy of the class. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "INVALID_JOB";
}

/** defineJob refused the definition: where it was called is where to look. */
function withPlace(error: Error): InvalidJobError {
  const { stack } = userStack(error);
  return new InvalidJobError(stack === "" ? error.message : `${error.message}\n${stack}`);
}

function isJob(value: unknown): value is Job {
  return typeof value === "object" && value !== null && "definition" in value;
}
