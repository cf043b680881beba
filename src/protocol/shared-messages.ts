/**
 * Short tasks come and go by the dozen: launches of a job's maps that follow each other share a message, and so do reports of maps
 * that finished. Whatever else is said, and what is said alone, is a message of its own.
 */
import type { LaunchAttempt, LaunchMaps, MapLaunch, MapsFinished, WorkerCommand, WorkerReport } from "./messages.js";
import { MOST_IN_MESSAGE } from "./usual-messages.js";

/** About one attempt or job. */
export type SingleCommand = Exclude<WorkerCommand, LaunchMaps>;
/** How an attempt ended, without what a worker says with each report. */
export type FinalReport = Unsigned<Extract<WorkerReport, { type: "attempt-finished" | "attempt-failed" }>>;
type Unsigned<R> = R extends WorkerReport ? Omit<R, "worker" | "epoch"> : never;
type LaunchMap = LaunchAttempt & MapLaunch;
type MapFinished = Extract<FinalReport, { type: "attempt-finished" }> & MapsFinished["maps"][number];

/** A map that reads more small files than these is no short task, and names them all. */
const MOST_SPLITS = 4;

/** A message, and the entries whose commands or reports it stands for. */
export interface Shared<M, E> {
  readonly message: M;
  readonly of: readonly E[];
}

/** Puts commands to one worker into as few messages as may be, in their order. */
export function sharedCommands<E extends { readonly command: SingleCommand }>(entries: readonly E[]): Shared<WorkerCommand, E>[] {
  const groups = grouped(entries, (first, { command }) => isMapLaunch(first.command) && isMapLaunch(command) && isLike(first.command, command));
  return groups.map((of) => ({ of, message: of.length === 1 ? of[0]!.command : launchMaps(of.map(({ command }) => command as LaunchMap)) }));
}

/** The launches that a command stands for. */
export function launchesOf({ epoch, header, splitters, maps }: LaunchMaps): LaunchAttempt[] {
  const common = splitters === undefined ? {} : { splitters };
  return maps.map(({ attempt, work, csvState }) => ({ type: "launch-attempt", epoch, attempt, header, work, ...(csvState === undefined ? {} : { csvState }), ...common }));
}

/** The same for reports of one worker. */
export function sharedReports<E extends { readonly report: FinalReport }>(entries: readonly E[]): Shared<FinalReport | Unsigned<MapsFinished>, E>[] {
  const groups = grouped(entries, (first, { report }) => isFinishedMap(first.report) && isFinishedMap(report));
  return groups.map((of) => ({ of, message: of.length === 1 ? of[0]!.report : { type: "maps-finished", maps: of.map(({ report }) => finishedMap(report as MapFinished)) } }));
}

function grouped<E>(entries: readonly E[], shares: (first: E, entry: E) => boolean): E[][] {
  const groups: E[][] = [];
  for (const entry of entries) {
    const group = groups.at(-1);
    if (group !== undefined && group.length < MOST_IN_MESSAGE && shares(group[0]!, entry)) group.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

function isMapLaunch(command: SingleCommand): command is LaunchMap {
  return command.type === "launch-attempt" && command.work.type === "map" && command.work.splits.length <= MOST_SPLITS;
}

/** All launches of a job have the same header. */
function isLike(one: LaunchMap, other: LaunchMap): boolean {
  return one.header.job === other.header.job && one.epoch === other.epoch && one.splitters === other.splitters;
}

function launchMaps(launches: readonly LaunchMap[]): LaunchMaps {
  const { epoch, header, splitters } = launches[0]!;
  const maps = launches.map(({ attempt, work, csvState }) => (csvState === undefined ? { attempt, work } : { attempt, work, csvState }));
  return { type: "launch-maps", epoch, header, ...(splitters === undefined ? {} : { splitters }), maps };
}

function isFinishedMap(report: FinalReport): boolean {
  return report.type === "attempt-finished" && report.result.type === "map";
}

function finishedMap({ attempt, result, stats }: MapFinished): MapsFinished["maps"][number] {
  return { attempt, result, stats };
}
