/** What only a network can do to a transport: servers that go and come back, refuse, or are no servers. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import test from "ava";
import { NatsServers } from "../testing/nats-servers.js";
import { BlobError, ConnectError, NoReplyError, type Transport, type TransportEvent } from "./transport.js";

const found = await NatsServers.find();
const natsTest = found === undefined ? test.skip : test;
const servers = found!;
test.after.always(() => found?.close());

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (payload: Uint8Array): string => Buffer.from(payload).toString();

function next(transport: Transport, type: TransportEvent["type"]): Promise<TransportEvent> {
  return new Promise((resolve) => {
    const watch = transport.watch((event) => {
      if (event.type !== type) return;
      watch.close();
      resolve(event);
    });
  });
}

natsTest("a request to a subject that nobody serves is rejected at once", async (t) => {
  const transport = await servers.connect({ url: (await servers.start()).url });
  await t.throwsAsync(transport.request("nobody", bytes(""), 600_000), { instanceOf: NoReplyError, message: /nobody serves it/ });
});

natsTest("when the server dies, requests under way are rejected at once, and later ones too", async (t) => {
  const server = await servers.start();
  const transport = await servers.connect({ url: server.url });
  const asked = new Promise<void>((resolve) => transport.serve("slow", () => new Promise(() => resolve())));
  const request = transport.request("slow", bytes(""), 600_000);
  await asked;
  await server.kill();
  await t.throwsAsync(request, { instanceOf: NoReplyError, message: /connection to nats:\/\/127\.0\.0\.1:\d+ was lost/ });
  await t.throwsAsync(transport.request("slow", bytes(""), 600_000), { instanceOf: NoReplyError, message: /not connected/ });
});

natsTest("after a restart of the server what was served and subscribed goes on, and blobs are still there", async (t) => {
  const folder = join(servers.folder, "restarted");
  const server = await servers.start({ folder });
  const [a, b] = await Promise.all([servers.connect({ url: server.url }), servers.connect({ url: server.url })]);
  a.serve("echo", async (payload) => payload);
  const heard: string[] = [];
  const last = new Promise<void>((resolve) => a.subscribe("s", (payload) => (heard.push(text(payload)), text(payload) === "after" && resolve())));
  await a.putBlob("blob", bytes("content"));
  t.is(text(await b.request("echo", bytes("before"), 5000)), "before");

  const back = Promise.all([next(a, "reconnected"), next(b, "reconnected")]);
  const gone = Promise.all([next(a, "disconnected"), next(b, "disconnected")]);
  await server.kill();
  await gone;
  b.publish("s", bytes("lost"));
  await servers.start({ folder, port: server.port });
  await back;

  // Behind what `a` serves and subscribes on its connection: only then does the server know of both.
  t.is(text(await a.request("echo", bytes("own"), 5000)), "own");
  t.is(text(await b.request("echo", bytes("after"), 5000)), "after");
  b.publish("s", bytes("after"));
  await last;
  t.deepEqual(heard, ["after"]);
  t.is(text(await b.getBlob("blob")), "content");
});

natsTest("a blob that is put or asked for while the server is away is waited for", async (t) => {
  const folder = join(servers.folder, "away");
  const server = await servers.start({ folder });
  const transport = await servers.connect({ url: server.url });
  await transport.putBlob("early", bytes("early"));
  const gone = next(transport, "disconnected");
  await server.kill();
  await gone;
  const work = Promise.all([transport.getBlob("early"), transport.putBlob("late", bytes("late"))]);
  await servers.start({ folder, port: server.port });
  t.is(text((await work)[0]), "early");
  t.is(text(await transport.getBlob("late")), "late");
});

natsTest("closing ends what waits for blobs", async (t) => {
  const server = await servers.start();
  const transport = await servers.connect({ url: server.url });
  await server.kill();
  const blob = transport.getBlob("b");
  await transport.close();
  await t.throwsAsync(blob, { instanceOf: BlobError, message: /connection to NATS is lost/ });
});

natsTest("what was published before closing has reached the server", async (t) => {
  const { url } = await servers.start();
  const [sender, receiver] = await Promise.all([servers.connect({ url }), servers.connect({ url })]);
  const heard = new Promise<string>((resolve) => receiver.subscribe("s", (payload) => resolve(text(payload))));
  // An answer shows that the server knows the subscription.
  receiver.serve("ready", async () => bytes(""));
  await receiver.request("ready", bytes(""), 5000);
  sender.publish("s", bytes("goodbye"));
  await sender.close();
  t.is(await heard, "goodbye");
});

natsTest("a server without JetStream serves messages, and says what it needs for blobs", async (t) => {
  const { url } = await servers.start({ jetstream: false });
  const transport = await servers.connect({ url });
  transport.serve("echo", async (payload) => payload);
  t.is(text(await transport.request("echo", bytes("x"), 5000)), "x");
  await t.throwsAsync(transport.putBlob("b", bytes("x")), { instanceOf: BlobError, message: /JetStream is off: start the server with nats-server -js/ });
  await t.throwsAsync(transport.getBlob("b"), { instanceOf: BlobError, message: /JetStream is off/ });
  await t.throwsAsync(servers.connect({ url, createBlobStore: true }), { instanceOf: BlobError, message: /JetStream is off/ });
});

natsTest("no server: the message names the url without its password, and says how to start one", async (t) => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const error = await t.throwsAsync(servers.connect({ url: `nats://me:secret@127.0.0.1:${port}`, connectWithin: 2_000 }), { instanceOf: ConnectError });
  t.regex(error!.message, new RegExp(`Nothing listens at nats://127\\.0\\.0\\.1:${port}\\. Start a server with: nats-server -js`));
  t.notRegex(error!.message, /secret/);
});

natsTest("a server that comes while we try is connected to", async (t) => {
  const first = await servers.start();
  await first.close();
  const connecting = servers.connect({ url: first.url, connectWithin: 60_000 });
  await servers.start({ port: first.port });
  const transport = await connecting;
  await t.throwsAsync(transport.request("nobody", bytes(""), 5000), { message: /nobody serves it/ });
});

natsTest("something that is no NATS server is called so", async (t) => {
  const answers: Readonly<Record<string, RegExp>> = {
    "HTTP/1.1 400 Bad Request\r\n\r\n": /is no NATS server/,
    "": /closed the connection before it said that it is a NATS server/,
  };
  for (const [answer, message] of Object.entries(answers)) {
    const other = createServer((socket) => socket.on("error", () => {}).end(answer)).listen(0, "127.0.0.1");
    await once(other, "listening");
    try {
      const { port } = other.address() as AddressInfo;
      await t.throwsAsync(servers.connect({ url: `127.0.0.1:${port}`, connectWithin: answer === "" ? 3_000 : 60_000 }), { instanceOf: ConnectError, message });
    } finally {
      other.close();
    }
  }
});
