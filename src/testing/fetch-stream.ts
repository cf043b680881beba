/**
 * How fast blocks come from another process: `node dist/testing/fetch-stream.js <bytes> [connections]`. One
 * process serves a map output of 64 MB, the other reads it as a reduce would, again and again, every block
 * verified. One connection unless more are asked for.
 */
import { fork } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fetchPartition } from "../shuffle/fetch-partition.js";
import { IndexCache } from "../shuffle/index-cache.js";
import { BlockClient } from "../storage/block-client.js";
import { BlockServer } from "../worker/block-server.js";
import { BlockStore } from "../worker/block-store.js";
import { JOB, MapOutputs, TOKEN } from "./map-outputs.js";
import { answerHelp } from "./usage.js";

answerHelp("node dist/testing/fetch-stream.js [bytes; default 1e9] [connections; default 1]");

const [bytes = "1e9", connections = "1"] = process.argv.slice(2);

if (bytes === "serve") await serve();
else await fetchAll(Number(bytes), Number(connections));

async function serve(): Promise<void> {
  const outputs = new MapOutputs({ partitions: 1, batches: 32, rows: 20_000, padding: 88 });
  const store = new BlockStore();
  store.openJob(JOB, TOKEN);
  const attempt = outputs.write(0);
  store.addMapOutput(attempt, outputs.paths(attempt));
  const { address } = await BlockServer.start({ store });
  process.send!({ address, attempt });
  process.once("disconnect", () => {
    rmSync(outputs.folder, { recursive: true });
    process.exit();
  });
}

async function fetchAll(wanted: number, most: number): Promise<void> {
  const server = fork(fileURLToPath(import.meta.url), ["serve"]);
  const { address, attempt } = await new Promise<{ address: string; attempt: string }>((resolve) => server.once("message", (message) => resolve(message as { address: string; attempt: string })));
  const client = new BlockClient({ token: TOKEN, connections: most });
  const options = { partition: 0, partitions: 1, kinds: ["float64"] as const, client, indexes: new IndexCache(1 << 20), bytesAhead: 32 << 20 };
  const sources = Array.from({ length: Math.ceil(wanted / 32e6) }, () => ({ identity: attempt, address }));
  let fetched = 0;
  const started = performance.now();
  for await (const { keys, rows } of fetchPartition(sources, options)) {
    fetched += keys.bytes.length + rows * 12;
    if (fetched >= wanted) break;
  }
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(`${(fetched / 1e9 / seconds).toFixed(2)} GB/s, ${fetched} bytes in ${seconds.toFixed(2)} s over ${most} connection${most === 1 ? "" : "s"}\n`);
  client.close();
  server.disconnect();
}
