/** The block server gives what is in its store to who has the job's token, and nothing else to anybody. */
import { chmodSync, mkdirSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { jobId } from "../model/ids.js";
import { BlockClient, FetchError } from "../storage/block-client.js";
import { JOB, MapOutputs, TOKEN } from "../testing/map-outputs.js";
import { BlockServer, type BlockServerOptions } from "./block-server.js";
import { BlockStore } from "./block-store.js";

const OTHER_TOKEN = "f".repeat(32);
const outputs = new MapOutputs({ partitions: 2, batches: 3, rows: 50 });
const attempt = outputs.write(0);
const files = outputs.paths(attempt);
const data = readFileSync(files.data);

/** Closed at the end, also when a test fails on its way: a process with an open server never ends. */
const servers: BlockServer[] = [];

async function serve(options: Partial<BlockServerOptions> = {}): Promise<{ store: BlockStore; server: BlockServer }> {
  const store = new BlockStore();
  store.openJob(JOB, TOKEN);
  store.addMapOutput(attempt, files);
  store.openJob(jobId("other", "2"), OTHER_TOKEN);
  const server = await BlockServer.start({ store, ...options });
  servers.push(server);
  return { store, server };
}

const running = await serve();
test.after.always(() => Promise.all(servers.map((server) => server.close())));

/** Everything that comes back on a connection of its own on which `text` is sent, until the server ends it. */
function converse(text: string | Uint8Array, { address } = running.server): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dial(address);
    let reply = "";
    socket.on("data", (bytes: Buffer) => (reply += bytes.toString("latin1")));
    socket.on("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNRESET" || error.code === "EPIPE" ? resolve(reply) : reject(error)));
    socket.on("close", () => resolve(reply));
    socket.write(text);
  });
}

function dial(address: string): Socket {
  return connect(Number(address.slice(address.lastIndexOf(":") + 1)), "127.0.0.1");
}

function request(path: string, headers: readonly string[] = [`Authorization: Bearer ${TOKEN}`], method = "GET"): string {
  return [`${method} ${path} HTTP/1.1`, "Host: x", "Connection: close", ...headers, "", ""].join("\r\n");
}

async function statusOf(path: string, headers?: readonly string[], method?: string): Promise<number> {
  const reply = await converse(request(path, headers, method));
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);
  if (status >= 300 && reply.includes(data.toString("latin1", 0, 64))) throw new Error(`${path}: ${status}, and yet data`);
  return status;
}

const path = (file: string): string => `/blocks/${attempt}/${file}`;
const bearer = `Authorization: Bearer ${TOKEN}`;

test("index and data come whole or by range, over one connection", async (t) => {
  const client = new BlockClient({ token: TOKEN, connections: 1 });
  const { address } = running.server;
  const get = async (file: string, range?: { start: number; end: number }): Promise<Buffer> =>
    Buffer.from((await client.fetch({ address, path: path(file), limit: 1 << 30, ...(range === undefined ? {} : { range }) })).bytes);
  t.deepEqual(await get("index"), readFileSync(files.index));
  t.deepEqual(await get("data"), data);
  t.deepEqual(await get("data", { start: 3, end: 1000 }), data.subarray(3, 1000));
  t.deepEqual(await get("data", { start: data.length - 1, end: data.length }), data.subarray(-1));
  client.close();
});

test("a body of many chunks comes whole", async (t) => {
  const big = Buffer.alloc(3_000_001, "0123456789");
  const large = outputs.attempt(9);
  writeFileSync(outputs.paths(large).data, big);
  running.store.addMapOutput(large, outputs.paths(large));
  const client = new BlockClient({ token: TOKEN });
  const { bytes } = await client.fetch({ address: running.server.address, path: `/blocks/${large}/data`, range: { start: 1, end: 3_000_000 }, limit: 1 << 22 });
  t.true(big.subarray(1, 3_000_000).equals(bytes));
  client.close();
});

test("only loopback is listened on, unless told otherwise", async (t) => {
  t.regex(running.server.address, /^127\.0\.0\.1:\d+$/);
  const port = Number(running.server.address.split(":")[1]);
  const outside = Object.values(networkInterfaces()).flat().find((each) => each?.family === "IPv4" && !each.internal);
  t.log(outside === undefined ? "no other address here" : `from ${outside.address}`);
  if (outside !== undefined) await t.throwsAsync(new Promise((resolve, reject) => connect(port, outside.address, () => resolve(undefined)).on("error", reject)));
});

test("without the job's token nothing is told, not even what there is", async (t) => {
  const wrong = [[], ["Authorization: Bearer"], ["Authorization: Bearer "], ["Authorization: Basic abc"], [`Authorization: ${TOKEN}`], [`Authorization: Bearer ${TOKEN}0`], [`Authorization: Bearer ${TOKEN.toUpperCase()}`], [`X-Authorization: Bearer ${TOKEN}`]];
  for (const headers of wrong) t.is(await statusOf(path("data"), headers), 401, String(headers));
  t.is(await statusOf(path("data"), [`Authorization: Bearer ${OTHER_TOKEN}`]), 403);
  t.is(await statusOf(path("data"), [`Authorization: Bearer ${"0".repeat(32)}`]), 403);
  t.is(await statusOf("/blocks/nojob-1_m_00000_0/data", [bearer]), 403);
  t.is(await statusOf("/blocks/other-2_m_00000_0/data", [bearer]), 403);
  t.is(await statusOf("/blocks/wc-1_m_00099_0/data", [bearer]), 404);
});

test("no trick with paths leads anywhere", async (t) => {
  writeFileSync(join(outputs.folder, "secret"), data);
  mkdirSync(join(outputs.folder, "wc-1_x"));
  const tricks = [
    "/", "/blocks", "/blocks/", `/blocks/${attempt}`, `/blocks/${attempt}/`, `/blocks/${attempt}/data/`, `/blocks/${attempt}/secret`,
    `/blocks/../${attempt}/data`, `/blocks/${attempt}/../${attempt}/data`, `/blocks/../../secret/data`, `/blocks/wc-1_/../secret/data`, "/blocks/./data",
    `/blocks/%2e%2e/${attempt}/data`, "/blocks/%2e%2e%2f%2e%2e%2fetc%2fpasswd/data", `/blocks/${attempt}%00/data`, `/blocks/${attempt}/data%00`, `/blocks/${attempt}%2fdata`,
    "/blocks//etc/passwd", "/blocks//etc/passwd/data", "//etc/passwd", "/etc/passwd", `/blocks/${outputs.folder}/secret/data`, "/blocks/\\\\host\\share/data", "/blocks/C:\\secret/data",
    `/blocks/${attempt}/data?x`, `/blocks/${attempt}/data#x`, `/blocks/${attempt};x/data`, `//blocks/${attempt}/data`, `/BLOCKS/${attempt}/data`, `/blocks/${attempt}/DATA`,
    `http://127.0.0.1/blocks/${attempt}/data`, `/blocks/${"a".repeat(129)}/data`, "/blocks/__proto__/data", "/blocks/wc-1_/data", "/blocks/_/data", "/inputs/x", `/inputs/${attempt}/0-9`, `/blocks/wc-1_i_${"0".repeat(32)}/data`,
  ];
  for (const trick of tricks) t.true([403, 404].includes(await statusOf(trick)), trick);
});

test("neither links nor folders nor unreadable files are served in place of a block", async (t) => {
  const { store, server } = await serve();
  const client = new BlockClient({ token: TOKEN });
  const status = async (): Promise<number | undefined> => ((await t.throwsAsync(client.fetch({ address: server.address, path: `/blocks/${id}/data`, limit: 1 << 20 }), { instanceOf: FetchError })) as FetchError).status;
  const id = outputs.attempt(5);
  const place = outputs.paths(id);
  store.addMapOutput(id, place);
  t.is(await status(), 404);
  symlinkSync(files.data, place.data);
  t.is(await status(), 404);
  unlinkSync(place.data);
  mkdirSync(place.data);
  t.is(await status(), 404);
  renameSync(place.data, `${place.data}.gone`);
  if (process.getuid?.() !== 0) {
    writeFileSync(place.data, "x");
    chmodSync(place.data, 0);
    t.is(await status(), 404);
  }
  client.close();
  await server.close();
});

test("methods other than GET, and requests with a body, are refused", async (t) => {
  for (const method of ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "PROPFIND"]) t.is(await statusOf(path("data"), [bearer], method), 405, method);
  t.is(await statusOf(path("data"), [bearer, "Content-Length: 5"]), 413);
  t.is(await statusOf(path("data"), [bearer, "Transfer-Encoding: chunked"]), 413);
  t.not(await statusOf(path("data"), [bearer], "CONNECT"), 200);
});

test("ranges that are malformed, many or not within the file are refused", async (t) => {
  const size = data.length;
  const refused = ["bytes=", "bytes=a-b", "bytes=5-4", "bytes=-5", "bytes=5-", "bytes=0-1,3-4", "bytes= 0-1", "items=0-1", "bytes=0x0-1", `bytes=0-${size}`, `bytes=${size}-${size + 1}`, "bytes=1e1-2e1", "bytes=0-99999999999999999999", "0-1"];
  for (const range of refused) t.is(await statusOf(path("data"), [bearer, `Range: ${range}`]), 416, range);
  t.is(await statusOf(path("data"), [bearer, `Range: bytes=0-${size - 1}`]), 206);
});

test("headers beyond 8 KiB end the connection", async (t) => {
  t.notRegex(await converse(request(path("data"), [bearer, `X-Filler: ${"x".repeat(9000)}`])), /^HTTP\/1\.1 2/);
});

test("what is no HTTP gets no data and does no harm", async (t) => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const twisted = fc.record({ at: fc.nat(150), by: fc.nat(255) }).map(({ at, by }) => {
    const text = Buffer.from(request(path("data")), "latin1");
    text[at % text.length] = by;
    return text;
  });
  const before = data.toString("latin1", 0, 64);
  const { server } = await serve({ limits: { headersTimeout: 100, idleTimeout: 100, stallTimeout: 500 } });
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, twisted), async (text) => {
      const reply = await converse(Buffer.concat([text, Buffer.from("\r\n\r\n")]), server);
      // A change that leaves the request what it was (the host's name, say) is answered.
      if (reply.includes(before)) t.regex(Buffer.from(text).toString("latin1"), new RegExp(`${path("data")}[^]*${TOKEN}`));
    }),
    { numRuns: 150 },
  );
  t.regex(await converse(request(path("data")), server), /^HTTP\/1\.1 200/);
  await server.close();
});

test("who sends headers too slowly, or stops reading, is cut off", async (t) => {
  const big = Buffer.alloc(64 << 20);
  const { store, server } = await serve({ limits: { headersTimeout: 200, stallTimeout: 300 } });
  const id = outputs.attempt(6);
  writeFileSync(outputs.paths(id).data, big);
  store.addMapOutput(id, outputs.paths(id));
  t.notRegex(await converse(`GET ${path("data")} HTTP/1.1\r\nHost: x\r\nX-Slow: `, server), /^HTTP\/1\.1 2/);
  const socket = dial(server.address);
  socket.pause();
  const ended = new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
  socket.write(request(`/blocks/${id}/data`));
  while ((await server.stats()).connections === 0) await new Promise((resolve) => setImmediate(resolve));
  // The server notices by itself; this side reads only once the server has closed.
  while ((await server.stats()).connections > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  let received = 0;
  socket.on("data", (bytes: Buffer) => (received += bytes.length)).resume();
  await ended;
  t.true(received < big.length);
  await server.close();
});

test("connections beyond the bound are closed, and the others go on", async (t) => {
  const { server } = await serve({ limits: { connections: 2 } });
  const held = [dial(server.address), dial(server.address)];
  await Promise.all(held.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  while ((await server.stats()).connections < 2) await new Promise((resolve) => setImmediate(resolve));
  t.is(await converse(request(path("data")), server), "");
  const reply = new Promise<string>((resolve) => held[0]!.once("data", (bytes: Buffer) => resolve(bytes.toString("latin1"))));
  held[0]!.write(request(path("data")));
  t.regex(await reply, /^HTTP\/1\.1 200/);
  held[1]!.destroy();
  await server.close();
});

test("a removed attempt and a closed job are not served any more", async (t) => {
  const { store, server } = await serve();
  const client = new BlockClient({ token: TOKEN });
  const status = (): Promise<number> => client.fetch({ address: server.address, path: path("data"), limit: 1 << 20 }).then(() => 200, (error: FetchError) => error.status ?? 0);
  t.is(await status(), 200);
  store.remove(attempt);
  t.is(await status(), 404);
  store.addMapOutput(attempt, files);
  t.is(await status(), 200);
  store.closeJob(JOB);
  t.is(await status(), 403);
  // A client may have the last byte before the server has counted it.
  while ((await server.stats()).bytes < 2 * data.length) await new Promise((resolve) => setImmediate(resolve));
  const { responses, bytes } = await server.stats();
  t.deepEqual(responses, { 200: 2, 403: 1, 404: 1 });
  t.is(bytes, 2 * data.length);
  client.close();
  await server.close();
});
