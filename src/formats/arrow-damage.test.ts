import { appendFileSync, rmSync, utimesSync } from "node:fs";
import test from "ava";
import * as arrow from "apache-arrow";
import fc from "fast-check";
import { BadRecordError, InputError, TaskFailure } from "../errors.js";
import { failureOf, open, read, removeFolder, store, table } from "../testing/arrow-files.js";
import { arrowBatchBytes } from "./arrow-batches.js";
import { openArrowReader } from "./arrow-reader.js";

test.after.always(removeFolder);

/** Looks like a zstd frame, which is all that apache-arrow asks of an encoder. */
function zstdFrame(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0), bytes]);
}

test("files that are no Arrow, cut off, compressed or changed fail by name", async (assert) => {
  const whole = arrow.tableToIPC(table, "file");
  const stream = arrow.tableToIPC(table, "stream");
  const why = async (bytes: Uint8Array): Promise<string> => (await failureOf(read(store(bytes)))).replace(/\/\d+\.arrow/, "F");
  assert.is(await why(new Uint8Array(0)), "bad-input: F cannot be read as Arrow: it is empty; even without rows it would hold a schema");
  assert.is(await why(Buffer.from("a,b\n1,2\n3,4\n")), "bad-input: F cannot be read as Arrow: no message begins where one should");
  assert.is(await why(Buffer.from("PAR1....PAR1")), "bad-input: F cannot be read as Arrow: it is a Parquet file");
  assert.is(await why(whole.subarray(0, -1)), "bad-input: F cannot be read as Arrow: it does not end with ARROW1: it is cut off");
  assert.is(await why(stream.subarray(0, -8)), "bad-input: F cannot be read as Arrow: its end-of-stream marker is missing: it is cut off, or its writer was not closed");
  assert.regex(await why(stream.subarray(0, -9)), /goes beyond the end: the file is cut off or damaged$/);
  const huge = whole.slice();
  new DataView(huge.buffer).setInt32(huge.length - 10, 0x7fffffff, true);
  assert.is(await why(huge), "bad-input: F cannot be read as Arrow: its footer claims 2147483647 bytes");

  const compressed = new arrow.RecordBatchStreamWriter({ compressionType: arrow.CompressionType.ZSTD });
  arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { encode: zstdFrame, decode: (bytes) => bytes });
  compressed.writeAll(table.select(["float64"]));
  assert.is(await why(await compressed.toUint8Array()), "bad-input: F cannot be read as Arrow: record batch 0: its record batches are compressed (zstd); write it without compression");

  const path = store(whole);
  const planned = { path, size: whole.length, mtime: "1", compression: "none" } as const;
  assert.regex(await failureOf(openArrowReader({ format: "arrow", paths: [] }, { file: planned, start: 0, end: 1 }, { maxRecordBytes: 1 })), /^input-changed: .* changed since/);
  assert.regex(await failureOf(openArrowReader({ format: "arrow", paths: [] }, { file: { ...planned, path: `${path}.none` }, start: 0, end: 1 }, { maxRecordBytes: 1 })), /^bad-input: .*ENOENT/);
  await assert.throwsAsync(arrowBatchBytes(store(Buffer.from("{}"))), { instanceOf: InputError, message: /cannot be read as Arrow/ });
});

test("a file that changes while it is read fails", async (assert) => {
  const path = store(arrow.tableToIPC(table, "file"));
  const reader = await open(path);
  await reader.advance();
  appendFileSync(path, "more");
  utimesSync(path, 1, 1);
  assert.regex(await failureOf(reader.advance()), /^input-changed/);
  reader.close();
});

for (const form of ["file", "stream"] as const) {
  test(`a damaged ${form} gives records or a typed error`, async (assert) => {
    const whole = arrow.tableToIPC(table.concat(table.slice(2, 5)), form);
    const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)), width: fc.constantFrom(1, 2, 4, 8, 64) });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.option(fc.nat(whole.length), { freq: 5 }), async (changes, cut) => {
        const damaged = whole.slice(0, cut ?? whole.length);
        for (const { at, value, width } of changes) damaged.fill(value, at, at + width);
        const path = store(damaged);
        try {
          assert.true((await read(path)).length < 10_000_000);
        } catch (error) {
          assert.true(error instanceof TaskFailure || error instanceof BadRecordError, (error as Error).stack);
          refused++;
        } finally {
          rmSync(path);
        }
      }),
      { numRuns: 700 },
    );
    assert.true(refused > 50);
  });
}
