import type { Generator } from "./generator.js";
import { graph } from "./graph.js";
import { groupby } from "./groupby.js";
import { jsonl } from "./jsonl.js";
import { measurements } from "./measurements.js";
import { sessions } from "./sessions.js";
import { teragen, teragenText } from "./teragen.js";
import { text } from "./text.js";
import { tortureCsv } from "./torture-csv.js";
import { weblog } from "./weblog.js";

/** Every kind of data that can be generated. */
export const generators: readonly Generator[] = [
  text,
  teragen,
  teragenText,
  measurements,
  weblog,
  graph,
  groupby,
  tortureCsv,
  jsonl,
  sessions,
];

/** @throws RangeError that lists the kinds, when there is none of that name. */
export function findGenerator(kind: string): Generator {
  const found = generators.find((generator) => generator.kind === kind);
  if (found !== undefined) return found;
  throw new RangeError(`No kind of data is called "${kind}". The kinds are: ${generators.map((g) => g.kind).join(", ")}`);
}
