import { parseAttemptId, type WorkerId } from "../model/ids.js";
import { csvStartOf } from "../plan/csv-states.js";
import type { BlockPlace, LaunchAttempt, MapSources } from "../protocol/messages.js";
import type { MapSource, SchedulerCommand } from "../scheduler/commands.js";
import type { CoordinatedJob } from "./coordinated-job.js";
import { shipInputs, type InputServer } from "./ship-inputs.js";

type Launch = Extract<SchedulerCommand, { type: "launch-attempt" }>;

/** The message that starts an attempt: of the job's stage inputs it carries what this task needs. */
export function launchMessage(launch: Launch, job: CoordinatedJob, epoch: number, packed: PackedSources, inputServer?: InputServer): LaunchAttempt {
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
    ...(work.type === "reduce" ? { sources: packed.of(sources) } : {}),
  };
}

/**
 * Thousands of maps share a few places, so each is named once. Thousands of reduces read the same maps: their sources are packed once,
 * for as long as no worker's place changes.
 */
export class PackedSources {
  readonly #placeOf: (worker: WorkerId) => BlockPlace;
  readonly #packed = new WeakMap<readonly MapSource[], { readonly workers: readonly WorkerId[]; readonly sources: MapSources }>();

  constructor(placeOf: (worker: WorkerId) => BlockPlace) {
    this.#placeOf = placeOf;
  }

  of(sources: readonly MapSource[]): MapSources {
    const known = this.#packed.get(sources);
    if (known?.workers.every((worker, i) => this.#placeOf(worker) === known.sources.places[i])) return known.sources;
    const workers = [...new Set(sources.filter(({ empty }) => !empty).map(({ worker }) => worker))];
    const place = new Map(workers.map((worker, i) => [worker, i]));
    const packed: MapSources = {
      places: workers.map(this.#placeOf),
      place: sources.map((source) => (source.empty ? 0 : place.get(source.worker)!)),
      attempts: sources.map((source) => (source.empty ? null : parseAttemptId(source.attempt).attempt)),
    };
    this.#packed.set(sources, { workers, sources: packed });
    return packed;
  }
}
