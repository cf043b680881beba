import { parseAttemptId, type WorkerId } from "../model/ids.js";
import { csvStartOf } from "../plan/csv-states.js";
import type { BlockPlace, LaunchAttempt, MapSources } from "../protocol/messages.js";
import type { MapSource, SchedulerCommand } from "../scheduler/commands.js";
import type { CoordinatedJob } from "./coordinated-job.js";
import { shipInputs, type InputServer } from "./ship-inputs.js";

type Launch = Extract<SchedulerCommand, { type: "launch-attempt" }>;

/** The message that starts an attempt: of the job's stage inputs it carries what this task needs. */
export function launchMessage(launch: Launch, job: CoordinatedJob, epoch: number, placeOf: (worker: WorkerId) => BlockPlace, inputServer?: InputServer): LaunchAttempt {
  const { attempt, work, inputs, sources } = launch;
  const csvState = csvStartOf(job.plan, inputs, work, parseAttemptId(attempt).index);
  return {
    type: "launch-attempt",
    epoch,
    attempt,
    header: inputServer === undefined ? job.header : { ...job.header, ship: shipInputs(inputServer, job) },
    work,
    ...(csvState === undefined ? {} : { csvState }),
    ...(work.type === "map" && inputs.splitters !== undefined ? { splitters: inputs.splitters } : {}),
    ...(work.type === "reduce" ? { sources: packSources(sources, placeOf) } : {}),
  };
}

/** Thousands of maps share a few places, so each is named once. */
function packSources(sources: readonly MapSource[], placeOf: (worker: WorkerId) => BlockPlace): MapSources {
  const workers = [...new Set(sources.filter(({ empty }) => !empty).map(({ worker }) => worker))];
  const place = new Map(workers.map((worker, i) => [worker, i]));
  return {
    places: workers.map(placeOf),
    place: sources.map((source) => (source.empty ? 0 : place.get(source.worker)!)),
    attempts: sources.map((source) => (source.empty ? null : parseAttemptId(source.attempt).attempt)),
  };
}
