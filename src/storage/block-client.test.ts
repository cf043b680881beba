/** A block client takes answers however they are cut, and nothing that is no answer. The server here says what it is told to. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { HOME, TestNetwork } from "../testing/test-network.js";
import { BlockClient, FetchError, type BlockRequest } from "./block-client.js";

/** Answers the n-th request on any connection with the n-th reply, in the pieces given; `undefined` in place of a piece ends the connection. */
async function speak(t: ExecutionContext, ...replies: readonly (readonly (string | undefined)[])[]): Promise<{ client: BlockClient; address: string; heard: string[]; connections: () => number }> {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket.on("error", () => {}));
    socket.on("data", (bytes: Buffer) => {
      const reply = replies[heard.push(bytes.toString("latin1")) - 1] ?? [];
      void (async () => {
        for (const piece of reply) {
          if (piece === undefined) socket.destroy();
          else await new Promise((resolve) => socket.write(piece, "latin1", () => setImmediate(resolve)));
        }
      })();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new BlockClient({ token: "t", patience: 2_000, connections: 1 });
  t.teardown(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { client, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, heard, connections: () => sockets.length };
}

const ask = (address: string, rest: Partial<BlockRequest> = {}): BlockRequest => ({ address, path: "/x", limit: 100, ...rest });
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

test("an answer is the same however its bytes are cut", async (t) => {
  const reply = "HTTP/1.1 206 Partial Content\r\nContent-Length: 12\r\nX-Block-Crc: ab:c\r\n\r\nhello\r\n\r\nyou";
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(reply.length), { maxLength: 5 }), async (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), reply.length];
      const { client, address, heard } = await speak(t, ends.map((end, i) => reply.slice(ends[i - 1] ?? 0, end)));
      const { bytes, headers } = await client.fetch(ask(address, { range: { start: 3, end: 15 } }));
      t.deepEqual([text(bytes), headers.get("x-block-crc")], ["hello\r\n\r\nyou", "ab:c"]);
      t.deepEqual(heard, [`GET /x HTTP/1.1\r\nhost: ${address}\r\nauthorization: Bearer t\r\nrange: bytes=3-14\r\n\r\n`]);
      client.close();
    }),
    { numRuns: 50 },
  );
});

test("one connection carries answers of all lengths, and refusals with their reasons, one after the other", async (t) => {
  const { client, address, connections } = await speak(t, ["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"], ["HTTP/1.1 409 Conflict\r\ncontent-length: 4\r\n\r\nmoon"], ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx"]);
  const [empty, refused, last] = await Promise.allSettled([client.fetch(ask(address)), client.fetch(ask(address)), client.fetch(ask(address))]);
  t.is(empty.status === "fulfilled" ? empty.value.bytes.length : -1, 0);
  const { reason } = refused as PromiseRejectedResult;
  t.true(reason instanceof FetchError);
  t.deepEqual([(reason as FetchError).status, (reason as FetchError).reason], [409, "moon"]);
  t.is(last.status === "fulfilled" ? text(last.value.bytes) : "", "x");
  t.is(connections(), 1);
});

test("a connection that the server will close is not used again", async (t) => {
  const { client, address, connections } = await speak(t, ["HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\na"], ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb"]);
  t.is(text((await client.fetch(ask(address))).bytes), "a");
  t.is(text((await client.fetch(ask(address))).bytes), "b");
  t.is(connections(), 2);
});

for (const [what, reply, message] of [
  ["more than it said", ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabc"], /more than it said/],
  ["more than was wanted", ["HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n"], /would send 101 bytes/],
  ["a reason without end", ["HTTP/1.1 500 Oh\r\ncontent-length: 1000000\r\n\r\n"], /would send 1000000 bytes/],
  ["less than it said", ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", undefined], /./],
  ["no length", ["HTTP/1.1 200 OK\r\n\r\nabc"], /no answer/],
  ["a length that is no number", ["HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nabc"], /no answer/],
  ["chunks", ["HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n"], /no answer/],
  ["another language", ["220 smtp ready\r\n\r\n"], /no answer/],
  ["a head without end", ["HTTP/1.1 200 OK\r\nx: ", "x".repeat(10_000)], /no answer/],
  ["nothing at all", [undefined], /./],
] as const) {
  test(`a server that sends ${what} is not believed, and the next request has a connection of its own`, async (t) => {
    const { client, address } = await speak(t, reply, ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\ny"]);
    await t.throwsAsync(client.fetch(ask(address)), { instanceOf: FetchError, message });
    t.is(text((await client.fetch(ask(address))).bytes), "y");
  });
}

test("a request that is no longer wanted ends, under way or waiting, and the others go on", async (t) => {
  const { client, address, heard } = await speak(t, [], ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"]);
  const end = new AbortController();
  const [first, second] = [client.fetch(ask(address, { signal: end.signal })), client.fetch(ask(address, { signal: end.signal }))];
  const third = client.fetch(ask(address));
  while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
  end.abort();
  await t.throwsAsync(first, { instanceOf: FetchError });
  await t.throwsAsync(second, { instanceOf: FetchError });
  t.is(text((await third).bytes), "a");
});

test("a server that cannot be reached is given up before one that is silent", async (t) => {
  const network = await TestNetwork.make();
  if (network === undefined) {
    t.log("SKIPPED: network namespaces need Linux and root");
    t.pass();
    return;
  }
  t.teardown(() => network.close());
  const { address } = await network.place("away");
  await network.cut(HOME, "away");
  const client = new BlockClient({ token: "t", patience: 600_000, connectWithin: 100 });
  t.teardown(() => client.close());
  const error = await t.throwsAsync(client.fetch(ask(`${address}:4000`)), { instanceOf: FetchError, message: /could not be reached within 100 ms/ });
  t.true(error.unreachable);
});
