import { parseAttemptId, type AttemptAddress, type AttemptId } from "../../model/ids.js";
import type { AttemptStats, TaskResult } from "../../model/task.js";
import type { MapSource } from "../../scheduler/commands.js";

/** What a task makes does not depend on the attempt, so totals of a job are known beforehand. */
export function recordsOf({ stage, index }: { readonly stage: string; readonly index: number }): number {
  return stage.length * 1000 + index;
}

export function statsOf(address: AttemptAddress): AttemptStats {
  return { records: recordsOf(address), bytesRead: 10 * recordsOf(address), badRecords: 0, counters: {}, millis: 1, spills: 0 };
}

/** A part's file name tells which map attempts it was made from. */
export function resultOf(attempt: AttemptId, sources: readonly MapSource[], mapOnly: boolean): TaskResult {
  const address = parseAttemptId(attempt);
  const rows = recordsOf(address);
  const part = () => ({ kind: "part", file: `${attempt} of ${sources.map((source) => source.attempt).join(" ")}`, rows, bytes: rows, crc32: "00000000" }) as const;
  switch (address.stage) {
    case "survey":
      return { type: "survey", transitions: { plain: "plain", quoted: "quoted", "quote-in-quoted": "plain" } };
    case "sample":
      // So that splitters tell what they were placed by.
      return { type: "sample", keys: [attempt] };
    case "map":
      return { type: "map", output: mapOnly ? part() : { kind: "map-output", rows, bytes: rows } };
    case "reduce":
      return { type: "reduce", output: part() };
  }
}
