/** Many races in one table: a row for each, programs side by side. */
import type { Entry, RaceResult } from "./race.js";
import { median } from "./statistics.js";

export function summaryTable(races: readonly RaceResult[]): string {
  const names = [...new Set(races.flatMap((race) => race.entries.map(({ name }) => name)))];
  return [
    `Wall time / processor time / most resident memory, medians of ${Math.max(...races.map((race) => race.entries[0]!.samples.length))} runs; the last column is processor time, ours to ${names[1] ?? "none"}'s.`,
    "",
    `| shape | MB | ${names.join(" | ")} | ratio |`,
    `|---|---:|${names.map(() => "---:").join("|")}|---:|`,
    ...races.map((race) => `| ${race.title} | ${Math.round((race.bytes ?? 0) / 1e6)} | ${names.map((name) => cell(race.entries.find((entry) => entry.name === name))).join(" | ")} | ${ratioOf(race)?.toFixed(2) ?? ""} |`),
  ].join("\n");
}

/** Processor time, ours to the first peer's. */
export function ratioOf({ entries: [ours, peer] }: RaceResult): number | undefined {
  const [own, other] = [ours, peer].map((entry) => (entry === undefined || entry.samples.length === 0 ? undefined : processorSeconds(entry)));
  return own === undefined || other === undefined || other === 0 ? undefined : own / other;
}

/** A text with the table between the comments that name it. */
export function withTable(text: string, id: string, table: string): string {
  const [begin, end] = [`<!-- ${id} begin -->`, `<!-- ${id} end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new RangeError(`There is no place between ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
}

function cell(entry: Entry | undefined): string {
  if (entry === undefined) return "";
  if (entry.samples.length === 0) return entry.missing ?? "no runs";
  const processor = processorSeconds(entry);
  return `${median(entry.samples.map(({ seconds }) => seconds)).toFixed(2)} s / ${processor === undefined ? "?" : `${processor.toFixed(2)} s`} / ${Math.round(Math.max(...entry.samples.map(({ peakBytes }) => peakBytes)) / 1e6)} MB`;
}

function processorSeconds({ samples }: Entry): number | undefined {
  const seconds = samples.flatMap((sample) => sample.processorSeconds ?? []);
  return seconds.length === 0 ? undefined : median(seconds);
}
