// Serves a file of `size` bytes by the block server in a process of its own, and fetches it piece by piece over one
// connection, each piece checksummed as a reduce does it: size, folder for the file.
import { fork } from "node:child_process";
import { writeFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

const [size, folder] = process.argv.slice(2);
const TOKEN = "0123456789abcdef0123456789abcdef";
const JOB = "fetch-0a1b2c";
const ATTEMPT = `${JOB}_m_00000_0`;
const PIECE = 4 << 20;
/** Larger files are this one, read again. */
const FILE = 256 << 20;

if (process.send !== undefined) {
  const { BlockStore } = await import("../../dist/worker/block-store.js");
  const { BlockServer } = await import("../../dist/worker/block-server.js");
  const store = new BlockStore();
  store.openJob(JOB, TOKEN);
  store.addMapOutput(ATTEMPT, { data: join(folder, "data"), index: join(folder, "index") });
  process.send((await BlockServer.start({ store })).address);
  process.on("disconnect", () => process.exit());
} else {
  const { BlockClient } = await import("../../dist/storage/block-client.js");
  const bytes = Buffer.alloc(FILE);
  for (let at = 0; at < FILE; at += 8) bytes.writeDoubleLE(Math.sqrt(at), at);
  const expected = Array.from({ length: FILE / PIECE }, (_, i) => crc32(bytes.subarray(i * PIECE, (i + 1) * PIECE)));
  writeFileSync(join(folder, "data"), bytes);
  writeFileSync(join(folder, "index"), "");
  const server = fork(process.argv[1], [size, folder]);
  const address = await new Promise((resolve) => server.once("message", resolve));
  const client = new BlockClient({ token: TOKEN, connections: 1 });
  const started = performance.now();
  let fetched = 0;
  for (let piece = 0; fetched < Number(size); piece = (piece + 1) % expected.length) {
    const answer = await client.fetch({ address, path: `/blocks/${ATTEMPT}/data`, range: { start: piece * PIECE, end: (piece + 1) * PIECE }, limit: PIECE });
    if (crc32(answer.bytes) !== expected[piece]) throw new Error(`Piece ${piece} came wrong`);
    fetched += answer.bytes.length;
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${(fetched / 1e6).toFixed(0)} MB in ${seconds.toFixed(2)} s: ${(fetched / 1e9 / seconds).toFixed(2)} GB/s, one stream, checksums verified (file and processes made before)`);
  client.close?.();
  server.disconnect();
  rmSync(folder, { recursive: true });
}
