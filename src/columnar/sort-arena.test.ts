import test from "ava";
import fc from "fast-check";
import type { BytesColumn, ColumnBatch } from "./columns.js";
import { newKernels } from "./kernels/wasm.js";
import { SortArena } from "./sort-arena.js";

interface Row {
  readonly key: Buffer;
  readonly text: Buffer;
  readonly number: number;
  readonly big: bigint;
}

const KINDS = ["bytes", "float64", "int64"] as const;
const kernels = newKernels(64 << 20);

function bytesColumn(values: readonly Buffer[]): BytesColumn {
  // Begins behind some bytes that are not its own, as a slice does.
  const offsets = new Int32Array(values.length + 1).fill(3);
  values.forEach((value, i) => (offsets[i + 1] = offsets[i]! + value.length));
  return { kind: "bytes", offsets, bytes: Buffer.concat([Buffer.from("xyz"), ...values, Buffer.from("\xff\xff\xff")]) };
}

function batchOf(rows: readonly Row[]): ColumnBatch {
  return {
    rows: rows.length,
    keys: bytesColumn(rows.map((row) => row.key)),
    values: [
      bytesColumn(rows.map((row) => row.text)),
      { kind: "float64", values: Float64Array.from(rows, (row) => row.number) },
      { kind: "int64", values: BigInt64Array.from(rows, (row) => row.big) },
    ],
  };
}

function cells({ offsets, bytes }: BytesColumn, row: number): Buffer {
  return Buffer.from(bytes.subarray(offsets[row], offsets[row + 1]));
}

function rowsOf({ rows, keys, values }: ColumnBatch): Row[] {
  const [text, number, big] = values as [BytesColumn, { values: Float64Array }, { values: BigInt64Array }];
  return Array.from({ length: rows }, (_, row) => ({ key: cells(keys, row), text: cells(text, row), number: number.values[row]!, big: big.values[row]! }));
}

/** Rows with these keys whose other columns tell which row it was. */
function numbered(keys: readonly Uint8Array[], textBytes = 0): Row[] {
  return keys.map((key, i) => ({ key: Buffer.from(key), text: Buffer.concat([Buffer.from(`${i}`), Buffer.alloc(textBytes)]), number: i / 7, big: BigInt(i) }));
}

function sortedByArena(rows: readonly Row[], batchRows: number): { inBatches: Row[]; texts: Buffer[] } {
  const arena = SortArena.within(kernels, 64 << 20, KINDS)!;
  kernels.memory.fill(0xa5);
  for (let from = 0; from < rows.length; from += batchRows) if (!arena.add(batchOf(rows.slice(from, from + batchRows)))) throw new Error("full");
  const inBatches = Array.from(arena.batches(), rowsOf).flat();
  const texts = [...arena.column(1)].flatMap(({ rows: count, column }) => Array.from({ length: count }, (_, row) => cells(column, row)));
  return { inBatches, texts };
}

/** What Array.sort, which is stable, makes of the rows. */
function sorted(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => Buffer.compare(a.key, b.key));
}

const fewBytes = fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.map((byte) => (byte < 160 ? 0 : byte < 240 ? 97 : byte)));
const anyKey = fc.oneof(fewBytes, fc.uint8Array({ maxLength: 12 }), fewBytes.map((bytes) => Uint8Array.from([...Buffer.from("a shared prefix of more than sixteen bytes"), ...bytes])));

test("an arena gives rows in the stable order of their keys, with all columns, however they were batched", (t) => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 400 }), fc.integer({ min: 1, max: 150 }), (keys, batchRows) => {
      const rows = numbered(keys);
      const { inBatches, texts } = sortedByArena(rows, batchRows);
      t.deepEqual(inBatches, sorted(rows));
      t.deepEqual(texts, sorted(rows).map((row) => row.text));
    }),
    { numRuns: 150 },
  );
});

const COUNT = 30_000;
/** A fixed sequence that looks random. */
const mixed = (i: number): number => Math.imul(i ^ 0x5bd1e995, 0x9e3779b1) >>> 0;
const nasty: Record<string, (i: number) => Uint8Array> = {
  "all equal": () => Buffer.from("the same key"),
  "all empty": () => Buffer.alloc(0),
  "NULs of many lengths": (i) => Buffer.alloc(mixed(i) % 40),
  "in order": (i) => Buffer.from(String(i).padStart(9, "0")),
  "in reverse": (i) => Buffer.from(String(COUNT - i).padStart(9, "0")),
  "alike but for their ends": (i) => Buffer.from(`${"prefix/".repeat(30)}${mixed(i) % 5000}`),
  "one key in nine of ten rows": (i) => (mixed(i) % 10 === 0 ? Buffer.from(`k${mixed(i)}`) : Buffer.from("frequent")),
  "differing in the lowest bit alone": (i) => Buffer.from([1, 2, 3, 4, 5, 6, 7, mixed(i) & 1]),
  "halved again and again": (i) => Buffer.from((1n << BigInt(mixed(i) % 64)).toString(16).padStart(16, "0"), "hex"),
  random: (i) => Buffer.from(Uint32Array.of(mixed(i), mixed(i + COUNT), mixed(i * 3)).buffer),
};

for (const [name, keyOf] of Object.entries(nasty)) {
  test(`an arena sorts keys that are ${name}`, (t) => {
    const rows = numbered(Array.from({ length: COUNT }, (_, i) => keyOf(i)));
    const { inBatches } = sortedByArena(rows, 7000);
    const expected = sorted(rows);
    t.is(inBatches.length, expected.length);
    // One comparison: thirty thousand deep ones take a minute.
    t.true(inBatches.every((row, i) => row.number === expected[i]!.number && row.big === expected[i]!.big && row.text.equals(expected[i]!.text) && row.key.equals(expected[i]!.key)));
  });
}

test("an arena gives rows that are longer than its output, and says when it is full", (t) => {
  const arena = SortArena.within(kernels, 1 << 20, KINDS)!;
  const rows = numbered([Buffer.from("b"), Buffer.alloc(200_000, "a"), Buffer.from("c")], 180_000);
  t.true(arena.add(batchOf(rows)));
  t.false(arena.add(batchOf(rows)));
  t.deepEqual(Array.from(arena.batches(), rowsOf).flat(), sorted(rows));
  arena.clear();
  t.true(arena.add(batchOf(rows)));
  t.is(SortArena.within(kernels, 1000, KINDS), undefined);
});
