import test from "ava";
import { PartialMessages, splitMessage } from "./message-parts.js";

const content = Buffer.from("abcdefghij");

test("parts in order make the message, whatever comes between them", (t) => {
  const partial = new PartialMessages(1000);
  const [a, b] = [splitMessage("a", content, 3), splitMessage("b", content.toReversed(), 4)];
  t.is(a.length, 4);
  t.is(b.length, 3);
  const made = [a[0], b[0], b[1], a[1], a[2], b[2], a[3]].map((part) => partial.add(part!.mark, part!.bytes));
  t.deepEqual(made.filter((each) => each !== undefined).map(String), ["jihgfedcba", "abcdefghij"]);
  t.is(partial.bytes, 0);
});

test("a message with a gap never appears, and its remains are forgotten", (t) => {
  const partial = new PartialMessages(1000);
  const [first, , third] = splitMessage("a", content, 4);
  partial.add(first!.mark, first!.bytes);
  t.throws(() => partial.add(third!.mark, third!.bytes), { message: /does not continue message a/ });
  t.is(partial.bytes, 0);
  t.is(partial.add(third!.mark, third!.bytes), undefined);
});

test("a message sent again from its start replaces its remains", (t) => {
  const partial = new PartialMessages(1000);
  const parts = splitMessage("a", content, 5);
  partial.add(parts[0]!.mark, parts[0]!.bytes);
  t.deepEqual(parts.map(({ mark, bytes }) => partial.add(mark, bytes)?.toString()), [undefined, "abcdefghij"]);
});

test("memory is bounded: by message, in total, and in number", (t) => {
  const partial = new PartialMessages(8, 20);
  t.throws(() => splitMessage("large", content, 5).forEach(({ mark, bytes }) => partial.add(mark, bytes)), { message: /too large/ });
  for (let i = 0; i < 10; i++) partial.add(`m${i} 0 2`, new Uint8Array(7));
  t.true(partial.bytes <= 20);
  for (let i = 0; i < 1000; i++) partial.add(`e${i} 0 2`, new Uint8Array(0));
  t.is(partial.add("e0 1 2", new Uint8Array(0)), undefined, "forgotten");
  t.not(partial.add("e999 1 2", new Uint8Array(0)), undefined);
});

test("marks that lie are refused", (t) => {
  const partial = new PartialMessages(1000);
  for (const mark of ["", "a", "a 0", "a x 2", "a 0 0", "a 3 2", "a -1 2", `${"a".repeat(65)} 0 2`, "a 0 2 3"]) {
    t.notThrows(() => {
      try {
        partial.add(mark, content);
      } catch (error) {
        t.regex((error as Error).message, /mark that is none|does not continue/);
      }
    });
    t.is(partial.bytes, 0, mark);
  }
});
