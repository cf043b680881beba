/** Horizontal bars of median times with whiskers from the least to the greatest, as an SVG that reads on light and dark pages. */
import type { RaceResult } from "./race.js";
import { median } from "./statistics.js";

const WIDTH = 760;
const LABELS = 190;
const VALUES = 130;
const ROW = 30;
const TOP = 66;
const BOTTOM = 34;
const OURS = "#0b7285";
const OTHERS = "#868e96";

export function barChart(race: RaceResult, footer: string): string {
  const rows = race.entries.filter((entry) => entry.samples.length > 0).map(({ name, samples }) => ({ name, seconds: samples.map((sample) => sample.seconds) }));
  const longest = Math.max(...rows.flatMap(({ seconds }) => seconds));
  const space = WIDTH - LABELS - VALUES;
  const x = (seconds: number): number => LABELS + (seconds / longest) * space;
  const height = TOP + rows.length * ROW + BOTTOM;
  const bars = rows.map(({ name, seconds }, i) => {
    const y = TOP + i * ROW;
    const middle = y + ROW / 2;
    const [least, mid, greatest] = [Math.min(...seconds), median(seconds), Math.max(...seconds)];
    return [
      text(LABELS - 10, middle + 5, name, `text-anchor="end"${i === 0 ? ' font-weight="bold"' : ""}`),
      `<rect x="${LABELS}" y="${y + 5}" width="${round(Math.max(1, x(mid) - LABELS))}" height="${ROW - 10}" rx="2" fill="${i === 0 ? OURS : OTHERS}"/>`,
      `<path d="M${round(x(least))} ${middle}H${round(x(greatest))}M${round(x(least))} ${middle - 4}v8M${round(x(greatest))} ${middle - 4}v8" stroke="#212529" stroke-width="1.5" fill="none"/>`,
      text(x(greatest) + 8, middle + 5, valueText(mid, race)),
    ].join("\n");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="14">`,
    `<rect width="${WIDTH}" height="${height}" rx="6" fill="#ffffff"/>`,
    text(16, 28, race.title, 'font-size="17" font-weight="bold"'),
    text(16, 50, `${race.data}; median time of whole processes, shorter is better`, 'font-size="12" fill="#495057"'),
    ...bars,
    text(16, height - 12, footer, 'font-size="11" fill="#868e96"'),
    "</svg>",
    "",
  ].join("\n");
}

function valueText(seconds: number, { bytes, tasks }: RaceResult): string {
  const time = seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`;
  if (bytes !== undefined) return `${time}, ${Math.round(bytes / 1e6 / seconds)} MB/s`;
  return tasks === undefined ? time : `${time}, ${Math.round(tasks / seconds)}/s`;
}

export function text(x: number, y: number, content: string, attributes = ""): string {
  const fill = attributes.includes("fill=") ? "" : ' fill="#212529"';
  return `<text x="${round(x)}" y="${round(y)}"${fill}${attributes === "" ? "" : ` ${attributes}`}>${content.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</text>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
