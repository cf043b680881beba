import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { once } from "node:events";
import { promisify } from "node:util";
import test from "ava";
import { HOME, TestNetwork } from "./test-network.js";

const run = promisify(execFile);

/** Says "in" when it gets through, "out" when nothing answers; a client that hears nothing is the cut's other direction. */
const CLIENT = `
  const socket = require("node:net").connect(Number(process.argv[2]), process.argv[1]);
  socket.setTimeout(700, () => { console.log("silence"); process.exit(); });
  socket.on("data", (bytes) => { console.log(String(bytes)); process.exit(); }).on("error", (error) => { console.log(error.code); process.exit(); });
`;

test("ways of a network are cut one by one and without a sign, and heal; nothing is left of it", async (t) => {
  const network = await TestNetwork.make();
  if (network === undefined) {
    t.log("SKIPPED: network namespaces need Linux and root");
    t.pass();
    return;
  }
  const home = await network.place(HOME);
  const server = createServer((socket) => socket.on("error", () => {}).end("hello")).listen(0, home.address);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const ask = async (from: string): Promise<string> => {
    const [program, ...args] = [...(await network.place(from)).enter, process.execPath, "-e", CLIENT, home.address, String(port)];
    return (await run(program!, args)).stdout.trim();
  };
  t.is(await ask("a"), "hello");
  await network.cut("a", HOME);
  t.is(await ask("a"), "silence");
  t.is(await ask("b"), "hello", "others are not cut off");
  await network.heal();
  t.is(await ask("a"), "hello");
  await network.cut(HOME, "a");
  t.is(await ask("a"), "silence");
  await network.heal();
  t.is(await ask("a"), "hello");
  server.close();
  const device = Object.entries(networkInterfaces()).find(([, addresses]) => addresses?.some(({ address }) => address === home.address))?.[0];
  t.truthy(device);
  await network.close();
  // The kernel clears up in its own time.
  for (const deadline = performance.now() + 20_000; device! in networkInterfaces() && performance.now() < deadline; ) await new Promise((resolve) => setTimeout(resolve, 20));
  t.false(device! in networkInterfaces());
});
