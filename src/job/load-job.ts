import { pathToFileURL } from "node:url";
import { InvalidJobError } from "../errors.js";
import type { Job, JobDefinition } from "./define-job.js";

export async function loadJob(file: string, _sha256: string): Promise<JobDefinition> {
  const module = (await import(pathToFileURL(file).href)) as { default?: Job };
  if (module.default?.definition === undefined) throw new InvalidJobError("no default export");
  return module.default.definition;
}
