import test from "ava";
import { appendFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { BadRecordError, TaskFailure } from "../errors.js";
import { TempInputs, wholeSplit } from "../testing/temp-input.js";
import type { InputFile } from "../model/split.js";
import { FilesReader } from "./files-reader.js";

const inputs = new TempInputs();

async function open(file: InputFile, maxRecordBytes = 1000): Promise<FilesReader> {
  const reader = new FilesReader(wholeSplit(file), maxRecordBytes);
  if (!(await reader.advance())) throw new Error("no record");
  return reader;
}

for (const compression of ["none", "gzip"] as const) {
  const pack = compression === "gzip" ? gzipSync : Buffer.from;

  test(`a file (${compression}) is one record with its path, bytes and text`, async (assert) => {
    const content = Buffer.concat([Buffer.from("\ufeffzwölf\r\n\ufeff"), Buffer.from([0xff, 0])]);
    const file = inputs.write(`whole-${compression}`, pack(content), compression);
    const reader = await open(file);
    assert.true(reader.next());
    assert.is(reader.record.path, file.path);
    assert.is(reader.record.text, "zwölf\r\n\ufeff\ufffd\0");
    assert.deepEqual(Buffer.from(reader.record.bytes), content);
    assert.false(reader.next());
    assert.false(await reader.advance());
    assert.is(reader.bytesRead, file.size);
    reader.close();
  });

  test(`an empty file (${compression}) is one empty record`, async (assert) => {
    const reader = await open(inputs.write(`empty-${compression}`, pack(""), compression));
    assert.true(reader.next());
    assert.is(reader.record.text, "");
  });

  test(`a file (${compression}) over the record limit is a bad record`, async (assert) => {
    const reader = await open(inputs.write(`long-${compression}`, pack("x".repeat(1001)), compression));
    assert.throws(() => reader.next(), { instanceOf: BadRecordError, message: /longer than 1000 bytes \(--max-record-size\)/ });
    assert.false(reader.next());
  });
}

test("a plain file is read when its content is asked for, and only then", async (assert) => {
  const file = inputs.write("lazy", "content");
  const reader = await open(file);
  assert.true(reader.next());
  rmSync(file.path);
  assert.is(reader.record.path, file.path);
  const error = assert.throws(() => reader.record.text, { instanceOf: TaskFailure });
  assert.is(error.failure.kind, "input-changed");
});

test("a file that changed since planning fails with input-changed", async (assert) => {
  const file = inputs.write("changed", "content");
  const reader = await open(file);
  appendFileSync(file.path, "more");
  assert.true(reader.next());
  const error = assert.throws(() => reader.record.bytes, { instanceOf: TaskFailure });
  assert.is(error.failure.kind, "input-changed");
});
