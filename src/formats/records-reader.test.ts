import test from "ava";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { InvalidJobError, TaskFailure } from "../errors.js";
import type { Split } from "../model/split.js";
import { splitsOf, TempInputs, wholeSplit } from "../testing/temp-input.js";
import { RecordsReader } from "./records-reader.js";

const inputs = new TempInputs();

async function read(splits: readonly Split[], size: number, chunkBytes?: number): Promise<{ offset: number; hex: string }[]> {
  const records: { offset: number; hex: string }[] = [];
  for (const split of splits) {
    const reader = new RecordsReader(split, size, chunkBytes);
    while (await reader.advance()) while (reader.next()) records.push({ offset: reader.offset, hex: reader.raw() });
    assertAllRead(reader, split);
    reader.close();
  }
  return records;
}

function assertAllRead(reader: RecordsReader, split: Split): void {
  if (reader.bytesRead !== split.end - split.start) throw new Error(`${reader.bytesRead} bytes read of ${split.end - split.start}`);
}

test("records over splits of any size are the records of the whole file", async (assert) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 30 }), async (size, rows, chunkBytes) => {
      const content = Buffer.from(Array.from({ length: size * rows }, (_, i) => (i * 37) & 0xff));
      const expected = Array.from({ length: rows }, (_, row) => ({ offset: row * size, hex: content.subarray(row * size, (row + 1) * size).toString("hex") }));
      const file = inputs.write("any.bin", content);
      for (let splitSize = 1; splitSize <= content.length + 1; splitSize++) assert.deepEqual(await read(splitsOf(file, splitSize), size, chunkBytes), expected);
      assert.deepEqual(await read([wholeSplit(inputs.write("any.bin.gz", gzipSync(content), "gzip"))], size, chunkBytes), expected);
    }),
    { numRuns: 40 },
  );
});

test("a size that is no multiple of the record size is bad input that names file, size and record size", async (assert) => {
  const problem = { instanceOf: TaskFailure, message: /odd.*has 10 bytes, which is no multiple of the record size, 4/ };
  await assert.throwsAsync(read([wholeSplit(inputs.write("odd.bin", Buffer.alloc(10)))], 4), problem);
  await assert.throwsAsync(read([wholeSplit(inputs.write("odd.bin.gz", gzipSync(Buffer.alloc(10)), "gzip"))], 4), problem);
});

test("columns of fixed records are refused with the way out", (assert) => {
  const reader = new RecordsReader(wholeSplit(inputs.write("four.bin", Buffer.alloc(4))), 4);
  assert.throws(() => reader.columns(), { instanceOf: InvalidJobError, message: /use `map`/ });
  reader.close();
});
