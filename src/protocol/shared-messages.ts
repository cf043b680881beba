/**
 * Short tasks come and go by the dozen: launches of a job's maps that follow each other share a message, launches of its reduces that read
 * the same maps do, and so do reports of both that finished. Whatever else is said, and what is said alone, is a message of its own.
 */
import type { AttemptsFinished, FinishedAttempt, LaunchAttempt, LaunchAttempts, WorkerCommand, WorkerReport } from "./messages.js";
import { MOST_IN_MESSAGE } from "./usual-messages.js";

/** About one attempt or job. */
export type SingleCommand = Exclude<WorkerCommand, LaunchAttempts>;
/** How an attempt ended, without what a worker says with each report. */
export type FinalReport = Unsigned<Extract<WorkerReport, { type: "attempt-finished" | "attempt-failed" }>>;
type Unsigned<R> = R extends WorkerReport ? Omit<R, "worker" | "epoch"> : never;
type Finished = Extract<FinalReport, { type: "attempt-finished" }>;

/** A map that reads more small files than these is no short task, and names them all. */
const MOST_SPLITS = 4;

/** A message, and the entries whose commands or reports it stands for. */
export interface Shared<M, E> {
  readonly message: M;
  readonly of: readonly E[];
}

/** Puts commands to one worker into as few messages as may be, in their order. */
export function sharedCommands<E extends { readonly command: SingleCommand }>(entries: readonly E[]): Shared<WorkerCommand, E>[] {
  const groups = grouped(entries, (first, { command }) => isShort(first.command) && isShort(command) && isLike(first.command, command));
  return groups.map((of) => ({ of, message: of.length === 1 ? of[0]!.command : launchAttempts(of.map(({ command }) => command as LaunchAttempt)) }));
}

/** The launches that a command stands for. */
export function launchesOf({ epoch, header, splitters, sources, attempts }: LaunchAttempts): LaunchAttempt[] {
  const common = { ...(splitters === undefined ? {} : { splitters }), ...(sources === undefined ? {} : { sources }) };
  return attempts.map(({ attempt, work, csvState }) => ({ type: "launch-attempt", epoch, attempt, header, work, ...(csvState === undefined ? {} : { csvState }), ...common }));
}

/** The same for reports of one worker. */
export function sharedReports<E extends { readonly report: FinalReport }>(entries: readonly E[]): Shared<FinalReport | Unsigned<AttemptsFinished>, E>[] {
  const groups = grouped(entries, (first, { report }) => isShared(first.report) && isShared(report));
  return groups.map((of) => ({ of, message: of.length === 1 ? of[0]!.report : { type: "attempts-finished", attempts: of.map(({ report }) => finishedAttempt(report as Finished)) } }));
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

function isShort(command: SingleCommand): command is LaunchAttempt {
  if (command.type !== "launch-attempt") return false;
  const { work } = command;
  return work.type === "reduce" || (work.type === "map" && work.splits.length <= MOST_SPLITS);
}

/** All launches of a job have the same header, and those of its reduces the same sources as long as no map runs again. */
function isLike(one: LaunchAttempt, other: LaunchAttempt): boolean {
  return one.header.job === other.header.job && one.epoch === other.epoch && one.splitters === other.splitters && one.sources === other.sources;
}

function launchAttempts(launches: readonly LaunchAttempt[]): LaunchAttempts {
  const { epoch, header, splitters, sources } = launches[0]!;
  const attempts = launches.map(({ attempt, work, csvState }) => (csvState === undefined ? { attempt, work } : { attempt, work, csvState }));
  return { type: "launch-attempts", epoch, header, ...(splitters === undefined ? {} : { splitters }), ...(sources === undefined ? {} : { sources }), attempts };
}

function isShared(report: FinalReport): boolean {
  return report.type === "attempt-finished" && (report.result.type === "map" || report.result.type === "reduce");
}

function finishedAttempt({ attempt, result, stats }: Finished): FinishedAttempt {
  return { attempt, result, stats };
}
