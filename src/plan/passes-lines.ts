import type { JobSpec } from "../model/job-spec.js";

/** Whether lines are their own keys and values on the whole way: then each is sent and sorted once, as bytes. */
export function passesLines({ map, shuffle }: Pick<JobSpec, "map" | "shuffle">): boolean {
  return map.operator?.name === "keyLine" && shuffle?.reduce.kind === "values" && shuffle.sortValues === "none";
}
