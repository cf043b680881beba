/** Requests of one turn share a message, and nothing else. What every transport does is in transport-contract.test.ts. */
import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { BatchingTransport, MOST_IN_BATCH } from "./batching.js";
import { InProcessTransport } from "./in-process.js";
import { NoReplyError } from "./transport.js";

/** Two parties over one transport, which counts the messages between them. */
function parties(longestHold?: number): { readonly asking: BatchingTransport; readonly serving: BatchingTransport; readonly messages: Uint8Array[] } {
  const messages: Uint8Array[] = [];
  const inner = new InProcessTransport();
  const request = inner.request.bind(inner);
  inner.request = (subject, payload, timeout) => {
    messages.push(payload);
    return request(subject, payload, timeout);
  };
  return { asking: new BatchingTransport(inner, longestHold), serving: new BatchingTransport(inner), messages };
}

test("requests of one turn get their own replies, whatever their bytes", async (t) => {
  const payload = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 30_000, maxLength: 70_000, size: "max" }));
  await fc.assert(
    fc.asyncProperty(fc.array(payload, { maxLength: 8 }), async (payloads) => {
      const { asking, serving } = parties();
      serving.serve("s", async (bytes) => bytes.toReversed());
      const replies = await Promise.all(payloads.map((bytes) => asking.request("s", bytes, 10_000)));
      t.deepEqual(replies.map((reply) => Buffer.from(reply)), payloads.map((bytes) => Buffer.from(bytes.toReversed())));
    }),
    { numRuns: 20 },
  );
});

test("requests of one turn to one subject are one message, others are not", async (t) => {
  const { asking, serving, messages } = parties();
  for (const subject of ["a", "b"]) serving.serve(subject, async (bytes) => bytes);
  const ask = (subject: string): Promise<Uint8Array> => asking.request(subject, Buffer.from("{}"), 10_000);
  await Promise.all([ask("a"), ask("a"), ask("b"), ask("a")]);
  t.is(messages.length, 2);
  await ask("a");
  await turn();
  await ask("a");
  t.is(messages.length, 4);
  t.is(Buffer.from(messages[3]!).toString(), "{}");
});

test("requests made while one is under way are one message when its reply is there", async (t) => {
  const { asking, serving, messages } = parties(60_000);
  let answer = (): void => {};
  const gate = new Promise<void>((resolve) => (answer = resolve));
  serving.serve("s", async (bytes) => (await gate, bytes));
  const ask = (byte: number): Promise<Uint8Array> => asking.request("s", Uint8Array.of(byte), 10_000);
  const replies = [ask(1)];
  for (const byte of [2, 3, 4]) {
    await turn();
    replies.push(ask(byte));
  }
  await turn();
  t.is(messages.length, 1);
  answer();
  t.deepEqual((await Promise.all(replies)).map(([byte]) => byte), [1, 2, 3, 4]);
  t.is(messages.length, 2);
});

test("they do not wait long for a reply that does not come", async (t) => {
  const { asking, serving } = parties();
  let answer = (): void => {};
  const gate = new Promise<void>((resolve) => (answer = resolve));
  serving.serve("s", async (bytes) => {
    if (bytes[0] === 1) await gate;
    return bytes;
  });
  const first = asking.request("s", Uint8Array.of(1), 10_000);
  await turn();
  t.deepEqual([...(await asking.request("s", Uint8Array.of(2), 10_000))], [2]);
  answer();
  t.deepEqual([...(await first)], [1]);
});

test("one that cannot be answered takes no other along; when none can, the handler's error is told", async (t) => {
  const { asking, serving } = parties();
  const lost: unknown[] = [];
  serving.watch((event) => lost.push(event));
  serving.serve("s", async (bytes) => {
    if (bytes[0] === 2) throw new Error("two");
    return bytes;
  });
  const ask = (byte: number): Promise<Uint8Array> => asking.request("s", Uint8Array.of(byte), 50);
  const [one, two, three] = await Promise.allSettled([ask(1), ask(2), ask(3)]);
  t.deepEqual([one.status, three.status], ["fulfilled", "fulfilled"]);
  t.true((two as PromiseRejectedResult).reason instanceof NoReplyError);
  await Promise.all([t.throwsAsync(ask(2), { instanceOf: NoReplyError }), t.throwsAsync(ask(2), { instanceOf: NoReplyError })]);
  t.like(lost, [{ type: "message-lost", subject: "s", error: { message: "two" } }]);
});

test("a batch that is cut, or a reply that is none, answers nobody", async (t) => {
  const { asking, serving } = parties();
  let heard = 0;
  serving.serve("s", async (bytes) => (heard++, bytes));
  const raw = new InProcessTransport();
  new BatchingTransport(raw).serve("s", async (bytes) => (heard++, bytes));
  for (const cut of [[0], [0, 1], [0, 9, 0, 0, 0, 1], [0, 1, 0, 0, 0, 1, 255]]) await t.throwsAsync(raw.request("s", Uint8Array.from(cut), 50), { instanceOf: NoReplyError }, String(cut));
  t.is(heard, 0);
  const other = new InProcessTransport();
  other.serve("s", async () => Buffer.from("{}"));
  const client = new BatchingTransport(other);
  for (const { status } of await Promise.allSettled([client.request("s", Uint8Array.of(1), 50), client.request("s", Uint8Array.of(2), 50)])) t.is(status, "rejected");
  t.true((await asking.request("s", Uint8Array.of(0), 10_000)).length === 1);
});

test("more requests than a batch may have go in several; a batch of more is refused before any of it is handled", async (t) => {
  const { asking, serving, messages } = parties();
  let heard = 0;
  serving.serve("s", async (bytes) => (heard++, bytes));
  await Promise.all(Array.from({ length: MOST_IN_BATCH + 1 }, () => asking.request("s", new Uint8Array(0), 10_000)));
  t.deepEqual([heard, messages.length], [MOST_IN_BATCH + 1, 2]);

  const raw = new InProcessTransport();
  const lost = new Promise((resolve) => raw.watch(resolve));
  new BatchingTransport(raw).serve("s", async (bytes) => (t.fail(), bytes));
  void raw.request("s", new Uint8Array(1 + 4 * (MOST_IN_BATCH + 1)), 10_000).catch(() => {});
  t.like(await lost, { type: "message-lost", error: { message: `A batch of more than ${MOST_IN_BATCH} messages` } });
  await raw.close();
});
