/** One bar for each race: processor time, ours to the first peer's, with a line at 1. */
import { round, text } from "./bar-chart.js";
import type { RaceResult } from "./race.js";
import { ratioOf } from "./summary.js";

const WIDTH = 900;
const LABELS = 470;
const VALUES = 60;
const ROW = 22;
const TOP = 66;
const BOTTOM = 34;

export function ratioChart(races: readonly RaceResult[], footer: string): string {
  const rows = races.flatMap((race) => {
    const ratio = ratioOf(race);
    return ratio === undefined ? [] : [{ title: race.title, ratio }];
  });
  const most = Math.max(1, ...rows.map(({ ratio }) => ratio));
  const x = (ratio: number): number => LABELS + (ratio / most) * (WIDTH - LABELS - VALUES);
  const bottom = TOP + rows.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + BOTTOM}" width="${WIDTH}" height="${bottom + BOTTOM}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${bottom + BOTTOM}" rx="6" fill="#ffffff"/>`,
    text(16, 28, "Shapes of data", 'font-size="17" font-weight="bold"'),
    text(16, 50, `processor time, ours to ${races[0]?.entries[1]?.name ?? "none"}'s; medians of whole processes, shorter is better, the line is at 1`, 'font-size="12" fill="#495057"'),
    ...rows.flatMap(({ title, ratio }, i) => [
      text(LABELS - 10, TOP + i * ROW + 15, title, 'text-anchor="end"'),
      `<rect x="${LABELS}" y="${TOP + i * ROW + 4}" width="${round(Math.max(1, x(ratio) - LABELS))}" height="${ROW - 8}" rx="2" fill="#0b7285"/>`,
      text(x(ratio) + 8, TOP + i * ROW + 15, ratio.toFixed(2)),
    ]),
    `<path d="M${round(x(1))} ${TOP}V${bottom}" stroke="#212529" stroke-dasharray="4 3"/>`,
    text(16, bottom + BOTTOM - 12, footer, 'font-size="11" fill="#868e96"'),
    "</svg>",
    "",
  ].join("\n");
}
