// Serves a file of `size` bytes by the block server in a process of its own, and fetches it piece by piece over one
// connection as a reduce does: the next piece is on its way while one is checked, by the checksum of blocks. Its arguments: size, folder for the file.
import { fork } from "node:child_process";
import { writeFileSync, rmSync } from "node:fs";
import { join } from "node:path";

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
  const { loadAhead } = await import("../../dist/shuffle/load-ahead.js");
  const { blockSum } = await import("../../dist/shuffle/block-index.js");
  const bytes = Buffer.alloc(FILE);
  for (let at = 0; at < FILE; at += 8) bytes.writeDoubleLE(Math.sqrt(at), at);
  const expected = Array.from({ length: FILE / PIECE }, (_, i) => blockSum(ATTEMPT, 0, bytes.subarray(i * PIECE, (i + 1) * PIECE)));
  writeFileSync(join(folder, "data"), bytes);
  writeFileSync(join(folder, "index"), "");
  const server = fork(process.argv[1], [size, folder]);
  const address = await new Promise((resolve) => server.once("message", resolve));
  const client = new BlockClient({ token: TOKEN, connections: 1 });
  const started = performance.now();
  let fetched = 0;
  const pieces = Array.from({ length: Math.ceil(Number(size) / PIECE) }, (_, i) => i % expected.length);
  const load = async (piece) => {
    const range = { start: piece * PIECE, end: (piece + 1) * PIECE };
    const { bytes: come } = await client.fetch({ address, path: `/blocks/${ATTEMPT}/data`, range, limit: PIECE });
    if (blockSum(ATTEMPT, 0, come) !== expected[piece]) throw new Error(`Piece ${piece} came wrong`);
    return come.length;
  };
  for await (const length of loadAhead(pieces, { items: 2, load })) fetched += length;
  const seconds = (performance.now() - started) / 1000;
  console.log(`${(fetched / 1e6).toFixed(0)} MB in ${seconds.toFixed(2)} s: ${(fetched / 1e9 / seconds).toFixed(2)} GB/s, one stream, checksums verified (file and processes made before)`);
  client.close?.();
  server.disconnect();
  rmSync(folder, { recursive: true });
}
