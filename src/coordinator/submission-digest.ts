import { createHash } from "node:crypto";
import type { SubmitJob } from "../protocol/messages.js";

/** The same for submissions that ask for the same, whatever the order of their fields. */
export function submissionDigest(submission: SubmitJob): string {
  return createHash("sha256").update(JSON.stringify(sorted(submission))).digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]));
}
