import test from "ava";
import fc from "fast-check";
import { nastyKey } from "../../testing/nasty-keys.js";
import { compareBytes, compareViews, equalViews } from "./compare-bytes.js";
import { orderedHead, orderedTail, plainHead, plainTail, viewOf } from "./key-words.js";

test("bytes compare as Buffer.compare orders them, wherever they lie", (assert) => {
  fc.assert(
    fc.property(nastyKey, nastyKey, fc.nat(5), fc.nat(5), (left, right, before, after) => {
      const a = Buffer.concat([Buffer.alloc(before, 1), left, Buffer.alloc(after, 2)]);
      const b = Buffer.concat([Buffer.alloc(after, 3), right, Buffer.alloc(before, 4)]);
      const expected = Buffer.compare(left, right);
      assert.is(Math.sign(compareBytes(a, before, before + left.length, b, after, after + right.length)), expected);
      assert.is(Math.sign(compareViews(viewOf(a), before, before + left.length, viewOf(b), after, after + right.length)), expected);
      if (left.length === right.length) assert.is(equalViews(viewOf(a), before, viewOf(b), after, left.length), expected === 0);
    }),
    { numRuns: 2000 },
  );
});

test("words are the next eight bytes with zeros behind the end, even at the end of the buffer", (assert) => {
  fc.assert(
    fc.property(nastyKey, fc.nat(6), (key, slack) => {
      const view = viewOf(Buffer.concat([key, Buffer.alloc(slack, 0xee)]));
      for (let at = 0; at <= key.length; at++) {
        const padded = Buffer.concat([key.subarray(at, at + 8), Buffer.alloc(8)]);
        assert.is(plainHead(view, view.byteLength - 8, at, key.length), padded.readInt32LE(0));
        assert.is(plainTail(view, view.byteLength - 8, at, key.length), padded.readInt32LE(4));
        assert.is(orderedHead(view, view.byteLength - 8, at, key.length), padded.readUInt32BE(0) - 2 ** 31);
        assert.is(orderedTail(view, view.byteLength - 8, at, key.length), padded.readUInt32BE(4) - 2 ** 31);
      }
    }),
  );
});
