/** What every transport must do; each adapter runs these. */
import test from "ava";
import { InProcessTransport } from "./in-process.js";
import { NoReplyError, type Transport } from "./transport.js";

const adapters: Readonly<Record<string, () => Promise<Transport>>> = { "in-process": async () => new InProcessTransport() };

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (payload: Uint8Array): string => Buffer.from(payload).toString();

for (const [name, open] of Object.entries(adapters)) {
  test(`${name}: a request gets the reply of whoever serves its subject`, async (t) => {
    const transport = await open();
    transport.serve("a", async (payload) => bytes(`a got ${text(payload)}`));
    transport.serve("b", async () => bytes("b"));
    t.is(text(await transport.request("a", bytes("x"), 1000)), "a got x");
    await transport.close();
  });

  test(`${name}: replies find their requests, however many are under way`, async (t) => {
    const transport = await open();
    transport.serve("echo", async (payload) => {
      for (let i = Number(text(payload)) % 7; i > 0; i--) await Promise.resolve();
      return payload;
    });
    const numbers = Array.from({ length: 200 }, (_, i) => String(i));
    t.deepEqual((await Promise.all(numbers.map((n) => transport.request("echo", bytes(n), 1000)))).map(text), numbers);
    await transport.close();
  });

  test(`${name}: what is sent is not what the receiver holds: later changes do not show`, async (t) => {
    const transport = await open();
    const seen = new Promise<string>((resolve) => transport.subscribe("s", (payload) => queueMicrotask(() => resolve(text(payload)))));
    const payload = Buffer.from("before");
    transport.publish("s", payload);
    payload.write("after!");
    t.is(await seen, "before");
    await transport.close();
  });

  test(`${name}: a publication reaches all subscribers that are left, in order`, async (t) => {
    const transport = await open();
    const got: string[] = [];
    const gone = transport.subscribe("s", (payload) => got.push(`gone ${text(payload)}`));
    transport.subscribe("s", (payload) => got.push(`1 ${text(payload)}`));
    const last = new Promise<void>((resolve) => transport.subscribe("s", (payload) => (got.push(`2 ${text(payload)}`), text(payload) === "b" && resolve())));
    gone.close();
    transport.publish("s", bytes("a"));
    transport.publish("s", bytes("b"));
    await last;
    t.deepEqual(got, ["1 a", "2 a", "1 b", "2 b"]);
    await transport.close();
  });

  test(`${name}: a request that nobody answers rejects, at once or when its time is up`, async (t) => {
    const transport = await open();
    await t.throwsAsync(transport.request("nobody", bytes(""), 50), { instanceOf: NoReplyError });
    transport.serve("silent", () => Promise.reject(new Error("broken")));
    await t.throwsAsync(transport.request("silent", bytes(""), 50), { instanceOf: NoReplyError });
    await transport.close();
  });

  test(`${name}: closing rejects requests under way, and none begins after it`, async (t) => {
    const transport = await open();
    transport.serve("slow", () => new Promise(() => {}));
    const request = transport.request("slow", bytes(""), 60_000);
    await transport.close();
    await t.throwsAsync(request, { instanceOf: NoReplyError });
    await t.throwsAsync(transport.request("slow", bytes(""), 60_000), { instanceOf: NoReplyError });
  });
}
