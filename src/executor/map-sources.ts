import { attemptId, parseAttemptId, taskId } from "../model/ids.js";
import type { AttemptOrder } from "../protocol/executor-messages.js";
import type { MapSource } from "../shuffle/map-source.js";
import { mapOutputPaths } from "../storage/layout.js";

/** The map outputs that a reduce reads, without the empty ones, in the order of the map tasks. */
export function* mapSources({ attempt, sources, host }: AttemptOrder): Generator<MapSource> {
  if (sources === undefined) throw new Error(`${attempt}: a reduce needs its map sources`);
  const { job } = parseAttemptId(attempt);
  for (const [index, number] of sources.attempts.entries()) {
    if (number === null) continue;
    const identity = attemptId(taskId(job, "map", index), number);
    const place = sources.places[sources.place[index]!]!;
    yield { identity, address: place.address, ...(place.host === host ? { files: mapOutputPaths(place.folder, identity) } : {}) };
  }
}
