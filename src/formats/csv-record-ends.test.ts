import test from "ava";
import fc from "fast-check";
import { newKernels } from "../columnar/kernels/wasm.js";
import type { CsvState } from "../model/task.js";
import { RecordEnds } from "./csv-record-ends.js";

const ADDRESS = 1 << 16;
const SIZE = 8192;
const kernels = newKernels(ADDRESS + SIZE);

const pieces = ['"', '""', '"""', ",", "\n", '","', '"\n"', "\r\n", "a", 'a"b', "0123456789", "x".repeat(70), ',"a, ""b""",', ',"",', ',"\n",'];
const content = fc.array(fc.constantFrom(...pieces), { maxLength: 80 }).map((parts) => parts.join(""));
const state = fc.constantFrom<CsvState>("plain", "quoted", "quote-in-quoted");

/** The table of csv-machine.ts, byte by byte: the state behind, and behind the last record that ended. */
function scan(from: CsvState, before: number, bytes: Buffer): { state: CsvState; end: number } {
  let now = from;
  let last = before;
  let end = -1;
  for (const [i, byte] of bytes.entries()) {
    if (now === "quoted") now = byte === 34 ? "quote-in-quoted" : "quoted";
    else if (now === "quote-in-quoted" && byte === 34) now = "quoted";
    else {
      now = byte === 34 && (last === 44 || last === 10) ? "quoted" : "plain";
      if (byte === 10) end = i + 1;
    }
    last = byte;
  }
  return { state: now, end };
}

test("the kernel, its twin and the table agree on states and record ends, from any state and in any pieces", (t) => {
  fc.assert(
    fc.property(content, state, fc.constantFrom(10, 44, 34, 97), fc.integer({ min: 1, max: 300 }), fc.nat(63), (text, from, before, step, shift) => {
      const bytes = Buffer.from(kernels.memory.buffer, ADDRESS + shift, Buffer.byteLength(text));
      bytes.write(text);
      for (const ends of [new RecordEnds(44, kernels), new RecordEnds(44)]) {
        ends.begin(from, before);
        for (let to = step; to < bytes.length + step; to += step) {
          const piece = bytes.subarray(to - step, to);
          const expected = scan(ends.state, to === step ? before : bytes[to - step - 1]!, piece);
          t.is(ends.last(piece), expected.end);
          t.is(ends.state, expected.state);
          ends.restart(piece.at(-1)!);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test("a scan goes on where it stands as its buffer fills", (t) => {
  fc.assert(
    fc.property(content, fc.array(fc.nat(200), { maxLength: 6 }), (text, steps) => {
      const bytes = Buffer.from(kernels.memory.buffer, ADDRESS, Buffer.byteLength(text));
      bytes.write(text);
      const ends = new RecordEnds(44, kernels);
      let to = 0;
      let found = 0;
      for (const step of [...steps, bytes.length]) {
        to = Math.min(bytes.length, to + step);
        found = Math.max(found, ends.last(bytes.subarray(0, to)));
      }
      const whole = scan("plain", 10, bytes);
      t.deepEqual({ state: ends.state, end: found || -1 }, whole);
    }),
    { numRuns: 500 },
  );
});
