import test from "ava";
import { DamagedFrames, frame, readFrames } from "./frames.js";

const texts = ["first", "", "the third, which is longer than the others", "last"];
const frames = texts.map((text) => frame(Buffer.from(text)));
const whole = Buffer.concat(frames);
const read = (bytes: Uint8Array): string[] => readFrames(bytes).payloads.map((payload) => Buffer.from(payload).toString());

test("what was written is read, and a file that was cut at any byte gives the frames before the cut", (t) => {
  t.deepEqual(read(whole), texts);
  for (let cut = 0; cut < whole.length; cut++) {
    let count = 0;
    for (let end = 0; count < frames.length && (end += frames[count]!.length) <= cut; count++);
    const { payloads, end } = readFrames(whole.subarray(0, cut));
    t.deepEqual(payloads.map((payload) => Buffer.from(payload).toString()), texts.slice(0, count), `cut at ${cut}`);
    t.is(end, frames.slice(0, count).reduce((sum, { length }) => sum + length, 0));
  }
});

test("any flipped bit before the last frame is damage, one in the last frame leaves that out", (t) => {
  const last = whole.length - frames.at(-1)!.length;
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    if (bit >> 3 < last) t.throws(() => readFrames(bytes), { instanceOf: DamagedFrames }, `bit ${bit}`);
    else t.deepEqual(read(bytes), texts.slice(0, -1), `bit ${bit}`);
  }
});

test("zeroes behind the last frame, as a crash of the machine may leave them, are no frames", (t) => {
  t.deepEqual(read(Buffer.concat([whole, Buffer.alloc(5000)])), texts);
});
