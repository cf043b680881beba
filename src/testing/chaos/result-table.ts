import { PHASES } from "./cells.js";
import type { CellResult } from "./run-cell.js";

/** What became of all runs, as Markdown: a table of strikes, one of planned faults, and the failures. */
export function resultTable(results: readonly CellResult[]): string {
  const ran = results.filter(({ skipped }) => skipped !== true);
  const failed = ran.filter(({ problem }) => problem !== undefined);
  const times = ran.filter(({ problem }) => problem === undefined).map(({ millis }) => millis / 1000).sort((a, b) => a - b);
  const strikes = ran.filter(({ cell }) => cell.type === "strike");
  const planned = ran.filter(({ cell }) => cell.type !== "strike");
  const points = [...new Set(planned.map(({ cell }) => cell.phase))];
  return [
    `${new Set(ran.map(({ cell }) => cell.name)).size} cells, ${ran.length} jobs: ${ran.length - failed.length} exact and without leftovers, ${failed.length} failed, ${results.length - ran.length} skipped.`,
    times.length === 0 ? "" : `Seconds from submission to the end: median ${quantile(times, 0.5)}, 95% ${quantile(times, 0.95)}, longest ${quantile(times, 1)}.`,
    ...(strikes.length === 0 ? [] : [table("strike from outside", ["before the job", ...PHASES].filter((phase) => strikes.some(({ cell }) => cell.phase === phase)), strikes)]),
    ...(planned.length === 0 ? [] : [table("fault at a named point", points, planned)]),
    ...(failed.length === 0 ? [] : [["Failed:", "", ...failed.map(({ cell, seed, problem = "" }) => `- ${cell.name}, seed ${seed}: ${problem.replaceAll("\n", " ")}`)].join("\n")]),
    "",
  ].filter((text, i, all) => text !== "" || i === all.length - 1).join("\n\n");
}

/** Each field: exact runs of all, and the longest time. */
function table(title: string, columns: readonly string[], results: readonly CellResult[]): string {
  const kinds = [...new Set(results.map(({ cell }) => cell.kind))];
  const field = (kind: string, column: string): string => {
    const here = results.filter(({ cell }) => cell.kind === kind && cell.phase === column);
    if (here.length === 0) return "";
    const exact = here.filter(({ problem }) => problem === undefined).length;
    return `${exact === here.length ? "" : "**"}${exact}/${here.length}${exact === here.length ? "" : "**"}, ${(Math.max(...here.map(({ millis }) => millis)) / 1000).toFixed(1)} s`;
  };
  return [
    `| ${[title, ...columns].join(" | ")} |`,
    `|${"---|".repeat(columns.length + 1)}`,
    ...kinds.map((kind) => `| ${[kind, ...columns.map((column) => field(kind, column))].join(" | ")} |`),
  ].join("\n");
}

function quantile(sorted: readonly number[], q: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN).toFixed(1);
}
