/** What a bench found, as Markdown that can be pasted into the README. */
import type { Machine } from "./machine.js";
import type { Entry, RaceResult } from "./race.js";
import { median, medianRatio } from "./statistics.js";
import { summaryTable } from "./summary.js";

export interface BenchResult {
  readonly id: string;
  readonly claim: string;
  readonly notClaimed: readonly string[];
  readonly machine: Machine;
  readonly threads: number;
  readonly date: string;
  readonly races: readonly RaceResult[];
}

/** A table and a chart for each race, or one of each for all. */
export function toMarkdown(result: BenchResult, summed = false): string {
  const { id, claim, machine, threads, date, races, notClaimed } = result;
  return [
    `### ${id.toUpperCase()}: ${claim}`,
    "",
    ...(summed ? [summaryTable(races), "", `![${claim}](${chartName(id, 0)})`, ""] : races.flatMap((race, i) => [...raceLines(race), "", `![${race.title}](${chartName(id, i)})`, ""])),
    "Not claimed:",
    ...notClaimed.map((line) => `- ${line}`),
    "",
    `<sub>${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}, Node ${machine.node}; ${threads} threads each; commit ${machine.commit}; ${date}. Whole processes in turn, from start to exit, files in the page cache; median (least to greatest). Processor time: user and system, of all processes of a run. Memory: most resident memory of all processes of a run at one moment, shared pages counted for each.</sub>`,
    "",
  ].join("\n");
}

export function chartName(id: string, race: number): string {
  return `${id}-${race + 1}.svg`;
}

function raceLines(race: RaceResult): string[] {
  const ours = race.entries[0]!;
  const rate = race.bytes !== undefined ? "MB/s" : race.tasks !== undefined ? "tasks/s" : undefined;
  const head = ["", "time", ...(rate === undefined ? [] : [rate]), "processor time", "peak memory", "time to ours", "runs"];
  const ran = race.entries.filter((entry) => entry.samples.length > 0);
  const skipped = race.entries.filter((entry) => entry.samples.length === 0);
  const notes = ran.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}.`]));
  return [
    `**${race.title}** (${race.data}; answers compared: ${race.answers})`,
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map((_, i) => (i === 0 ? "---" : "---:")).join("|")}|`,
    ...ran.map((entry) => `| ${cells(entry, ours, race).join(" | ")} |`),
    ...(notes.length === 0 ? [] : ["", ...notes]),
    ...ran.flatMap(({ report }) => (report === undefined ? [] : ["", "```", report, "```"])),
    ...skipped.map(({ name, missing }) => `\nNot run: ${name} (${missing ?? "no runs"}).`),
  ];
}

function cells(entry: Entry, ours: Entry, race: RaceResult): string[] {
  const seconds = entry.samples.map((sample) => sample.seconds);
  const own = ours.samples.map((sample) => sample.seconds);
  const amount = race.bytes !== undefined ? race.bytes / 1e6 : race.tasks;
  const time = `${showSeconds(median(seconds))} (${showSeconds(Math.min(...seconds))} to ${showSeconds(Math.max(...seconds))})`;
  const peak = Math.max(...entry.samples.map((sample) => sample.peakBytes));
  const budget = entry.budget === undefined ? "" : ` of ${showMegabytes(entry.budget)} allowed for data`;
  return [
    entry === ours ? `**${entry.name}**` : entry.name,
    time,
    ...(amount === undefined ? [] : [Math.round(amount / median(seconds)).toLocaleString("en")]),
    showProcessor(entry),
    `${showMegabytes(peak)}${budget}`,
    entry === ours ? "1" : medianRatio(seconds, own).toFixed(2),
    String(seconds.length),
  ];
}

function showProcessor({ samples }: Entry): string {
  const seconds = samples.flatMap(({ processorSeconds }) => processorSeconds ?? []);
  return seconds.length === 0 ? "not measured" : showSeconds(median(seconds));
}

function showSeconds(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`;
}

function showMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
