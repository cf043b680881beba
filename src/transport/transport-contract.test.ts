/** What every transport must do; each adapter runs these. */
import { createHash, randomBytes } from "node:crypto";
import test from "ava";
import { NatsServers } from "../testing/nats-servers.js";
import { InProcessTransport } from "./in-process.js";
import { BlobError, MAX_MESSAGE_BYTES, MessageTooLargeError, NoReplyError, type Transport, type TransportEvent } from "./transport.js";

const adapters: Record<string, () => Promise<Transport>> = { "in-process": async () => new InProcessTransport() };
const servers = await NatsServers.find();
if (servers !== undefined) {
  const { url } = await servers.start();
  adapters["nats"] = () => servers.connect({ url });
}
test.after.always(() => servers?.close());

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (payload: Uint8Array): string => Buffer.from(payload).toString();

for (const [name, open] of Object.entries(adapters)) {
  test.serial(`${name}: a request gets the reply of whoever serves its subject`, async (t) => {
    const transport = await open();
    transport.serve("a", async (payload) => bytes(`a got ${text(payload)}`));
    transport.serve("b", async () => bytes("b"));
    t.is(text(await transport.request("a", bytes("x"), 1000)), "a got x");
    await transport.close();
  });

  test.serial(`${name}: replies find their requests, however many are under way`, async (t) => {
    const transport = await open();
    transport.serve("echo", async (payload) => {
      for (let i = Number(text(payload)) % 7; i > 0; i--) await Promise.resolve();
      return payload;
    });
    const numbers = Array.from({ length: 200 }, (_, i) => String(i));
    t.deepEqual((await Promise.all(numbers.map((n) => transport.request("echo", bytes(n), 1000)))).map(text), numbers);
    await transport.close();
  });

  test.serial(`${name}: what is sent is not what the receiver holds: later changes do not show`, async (t) => {
    const transport = await open();
    const seen = new Promise<string>((resolve) => transport.subscribe("s", (payload) => queueMicrotask(() => resolve(text(payload)))));
    const payload = Buffer.from("before");
    transport.publish("s", payload);
    payload.write("after!");
    t.is(await seen, "before");
    await transport.close();
  });

  test.serial(`${name}: a publication reaches all subscribers that are left, each in order`, async (t) => {
    const transport = await open();
    const got: Record<string, string[]> = { gone: [], first: [], second: [] };
    const listen = (who: string): { readonly until: Promise<void>; close(): void } => {
      let close = (): void => {};
      const until = new Promise<void>((resolve) => {
        ({ close } = transport.subscribe("s", (payload) => (got[who]!.push(text(payload)), text(payload) === "c" && resolve())));
      });
      return { until, close: () => close() };
    };
    const gone = listen("gone");
    const left = [listen("first"), listen("second")];
    gone.close();
    for (const each of ["a", "b", "c"]) transport.publish("s", bytes(each));
    await Promise.all(left.map(({ until }) => until));
    t.deepEqual(got, { gone: [], first: ["a", "b", "c"], second: ["a", "b", "c"] });
    await transport.close();
  });

  test.serial(`${name}: a request that nobody answers rejects, at once or when its time is up`, async (t) => {
    const transport = await open();
    await t.throwsAsync(transport.request("nobody", bytes(""), 50), { instanceOf: NoReplyError });
    transport.serve("silent", () => Promise.reject(new Error("broken")));
    await t.throwsAsync(transport.request("silent", bytes(""), 50), { instanceOf: NoReplyError });
    await transport.close();
  });

  test.serial(`${name}: closing rejects requests under way, and none begins after it`, async (t) => {
    const transport = await open();
    transport.serve("slow", () => new Promise(() => {}));
    const request = transport.request("slow", bytes(""), 60_000);
    await transport.close();
    await t.throwsAsync(request, { instanceOf: NoReplyError });
    await t.throwsAsync(transport.request("slow", bytes(""), 60_000), { instanceOf: NoReplyError });
  });

  test.serial(`${name}: a handler that throws loses its message and nothing else`, async (t) => {
    const transport = await open();
    const lost: TransportEvent[] = [];
    transport.watch((event) => lost.push(event));
    const second = new Promise<void>((resolve) =>
      transport.subscribe("s", (payload) => {
        if (text(payload) === "bad") throw new Error("cannot read this");
        resolve();
      }),
    );
    transport.publish("s", bytes("bad"));
    transport.publish("s", bytes("good"));
    await second;
    t.like(lost, [{ type: "message-lost", subject: "s", error: { message: "cannot read this" } }]);
    await transport.close();
  });

  test.serial(`${name}: what is no longer served is answered by nobody, and can be served anew`, async (t) => {
    const transport = await open();
    transport.serve("turns", async () => bytes("first")).close();
    await t.throwsAsync(transport.request("turns", bytes(""), 1000), { instanceOf: NoReplyError });
    transport.serve("turns", async () => bytes("second"));
    t.is(text(await transport.request("turns", bytes(""), 1000)), "second");
    await transport.close();
  });

  test.serial(`${name}: a subject is served once at a time`, async (t) => {
    const transport = await open();
    transport.serve("once", async () => bytes("first"));
    t.throws(() => transport.serve("once", async () => bytes("second")), { message: /served already/ });
    t.is(text(await transport.request("once", bytes(""), 1000)), "first");
    await transport.close();
  });

  test.serial(`${name}: large requests, replies and publications arrive whole, also when they are many`, async (t) => {
    const transport = await open();
    const sizes = [0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 5_000_000, 3_000_000];
    const payloads = sizes.map((size) => randomBytes(size));
    transport.serve("reverse", async (payload) => payload.toReversed());
    const replies = await Promise.all(payloads.map((payload) => transport.request("reverse", payload, 20_000)));
    t.deepEqual(replies.map(hashOf), payloads.map((payload) => hashOf(payload.toReversed())));

    const got: string[] = [];
    const all = new Promise<void>((resolve) => transport.subscribe("large", (payload) => got.push(hashOf(payload)) === sizes.length && resolve()));
    for (const payload of payloads) transport.publish("large", payload);
    await all;
    t.deepEqual(got, payloads.map(hashOf));
    await transport.close();
  });

  test.serial(`${name}: a large request that nobody serves is answered by nobody`, async (t) => {
    const transport = await open();
    await t.throwsAsync(transport.request("nobody.large", new Uint8Array(3_000_000), 1000), { instanceOf: NoReplyError });
    await transport.close();
  });

  test.serial(`${name}: a message over the limit is refused, and hurts nobody`, async (t) => {
    const transport = await open();
    const events: TransportEvent[] = [];
    transport.watch((event) => events.push(event));
    transport.serve("huge", async () => new Uint8Array(0));
    const huge = new Uint8Array(MAX_MESSAGE_BYTES + 1);
    await t.throwsAsync(transport.request("huge", huge, 1000), { instanceOf: MessageTooLargeError });
    transport.publish("huge", huge);
    t.like(events, [{ type: "message-lost", subject: "huge" }]);
    t.is((await transport.request("huge", bytes("small"), 1000)).length, 0);
    await transport.close();
  });

  test.serial(`${name}: a blob comes back as it was put, and putting it again changes nothing`, async (t) => {
    const transport = await open();
    for (const size of [0, 1, 128 * 1024, 128 * 1024 + 1, 2_500_000]) {
      const content = randomBytes(size);
      const blob = hashOf(content);
      await transport.putBlob(blob, content);
      t.is(hashOf(await transport.getBlob(blob)), blob, `${size} bytes`);
      await transport.putBlob(blob, bytes("other content under the same name"));
      t.is(hashOf(await transport.getBlob(blob)), blob, `${size} bytes, again`);
    }
    await transport.close();
  });

  test.serial(`${name}: a blob put twice at once is there once it was put`, async (t) => {
    const transport = await open();
    const content = randomBytes(700_000);
    await Promise.all([1, 2, 3].map(() => transport.putBlob(hashOf(content), content)));
    t.is(hashOf(await transport.getBlob(hashOf(content))), hashOf(content));
    await transport.close();
  });

  test.serial(`${name}: a blob that was never put is missing`, async (t) => {
    const transport = await open();
    await t.throwsAsync(transport.getBlob("0".repeat(64)), { instanceOf: BlobError, message: /no blob 0000/ });
    await transport.close();
  });

  test.serial(`${name}: closing is told once, and closing again is harmless`, async (t) => {
    const transport = await open();
    const events: TransportEvent[] = [];
    transport.watch((event) => events.push(event));
    await transport.close();
    await transport.close();
    transport.publish("s", bytes("into the void"));
    t.deepEqual(events, [{ type: "closed" }]);
  });
}

function hashOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
