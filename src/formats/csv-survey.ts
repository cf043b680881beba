import type { Split } from "../model/split.js";
import type { CsvState, CsvTransitions } from "../model/task.js";
import type { ByteSource } from "./byte-source.js";
import { CsvScan } from "./csv-scan.js";

const CHUNK_BYTES = 1 << 20;

/**
 * How a CSV split ends for each state in which it may begin. `source` stands at the byte before the split (at
 * the split itself when it starts the file).
 */
export async function surveyCsv(source: ByteSource, split: Split, delimiter: string): Promise<CsvTransitions> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let before: number | undefined;
  if (split.start > 0) {
    await source.read(chunk.subarray(0, 1));
    before = chunk[0];
  }
  const scans = (["plain", "quoted", "quote-in-quoted"] as const).map((state) => ({ state, scan: new CsvScan(delimiter, state, before) }));
  for (let left = split.end - split.start; left > 0; ) {
    const count = await source.read(chunk.subarray(0, Math.min(left, CHUNK_BYTES)));
    if (count === 0) break;
    for (const { scan } of scans) scan.lastRecordEnd(chunk, 0, count);
    left -= count;
  }
  return Object.fromEntries(scans.map(({ state, scan }) => [state, scan.state])) as Record<CsvState, CsvState>;
}
