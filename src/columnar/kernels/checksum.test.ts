import test from "ava";
import fc from "fast-check";
import { checksum, plainRoom } from "./checksum.js";

const plain = plainRoom();
const bytes = fc.uint8Array({ maxLength: 700 });

test("the kernel and its plain twin agree, however the bytes are cut into pieces", (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(bytes, fc.integer({ min: 16_000, max: 50_000 }).map((length) => new Uint8Array(length).map((_, i) => i * i))), { maxLength: 6 }), fc.integer(), (pieces, seed) => {
      const sum = checksum(seed, pieces);
      t.is(checksum(seed, pieces, plain), sum);
      t.is(checksum(seed, [Buffer.concat(pieces)]), sum);
    }),
    { numRuns: 200 },
  );
});

test("every single bit counts, and so do length, order and seed", (t) => {
  const text = Uint8Array.from({ length: 400 }, (_, i) => i * 7);
  const whole = checksum(1, [text]);
  for (let bit = 0; bit < 8 * text.length; bit++) {
    const damaged = text.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    t.not(checksum(1, [damaged]), whole, `bit ${bit}`);
  }
  for (let cut = 0; cut < text.length; cut++) t.not(checksum(1, [text.subarray(0, cut)]), whole, `length ${cut}`);
  t.not(checksum(1, [text, new Uint8Array(1)]), whole);
  t.not(checksum(2, [text]), whole);
  for (const distance of [1, 4, 128, 132]) {
    const swapped = text.slice();
    [swapped[0], swapped[distance]] = [text[distance]!, text[0]!];
    t.not(checksum(1, [swapped]), whole, `swapped with byte ${distance}`);
  }
});

test("damage of many bytes is missed no more often than by chance", (t) => {
  const seen = new Set<number>();
  // Ones in two words of a lane, the same high bit in both, and runs of zeros: where sums alone go blind.
  const text = new Uint8Array(1280);
  for (let first = 0; first < 10; first++) {
    for (let second = first + 1; second < 10; second++) {
      for (let bit = 0; bit < 32; bit++) {
        const damaged = text.slice();
        for (const stripe of [first, second]) damaged[stripe * 128 + (bit >> 3)]! ^= 1 << (bit & 7);
        seen.add(checksum(1, [damaged]));
      }
    }
  }
  for (let length = 0; length < 1280; length++) seen.add(checksum(1, [text.subarray(0, length)]));
  t.is(seen.size, 45 * 32 + 1280);
});

test("it is the same in every release, for nodes must agree", (t) => {
  t.is(checksum(12345, [Buffer.from("The quick brown fox jumps over the lazy dog")]), 1382794616);
});
