import { attemptId, parseAttemptId, taskId } from "../model/ids.js";
import type { AttemptOrder } from "../protocol/executor-messages.js";
import type { MapOutputFile } from "../shuffle/map-sources.js";
import { mapOutputPaths } from "../storage/layout.js";

/** The map outputs that a reduce reads, in the order of the map tasks. */
export function* mapOutputFiles({ attempt, sources }: AttemptOrder): Generator<MapOutputFile> {
  if (sources === undefined) throw new Error(`${attempt}: a reduce needs its map sources`);
  const { job } = parseAttemptId(attempt);
  for (const [index, number] of sources.attempts.entries()) {
    const identity = attemptId(taskId(job, "map", index), number);
    yield { identity, ...mapOutputPaths(sources.places[sources.place[index]!]!.folder, identity) };
  }
}
