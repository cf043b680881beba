import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test from "ava";
import { findForTests, natsServerForTests } from "../testing/nats-server-for-tests.js";
import { NatsServers } from "../testing/nats-servers.js";
import { findNatsServer, NatsServer, NatsServerError } from "./nats-server.js";

const found = await NatsServers.find();
const natsTest = found === undefined ? test.skip : test;
const servers = found!;
test.after.always(() => found?.close());

const folder = mkdtempSync(join(tmpdir(), "millrace-nats-server-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

/** A folder with programs in it. */
function programs(name: string, scripts: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [program, script] of Object.entries(scripts)) {
    writeFileSync(join(path, program), `#!/bin/sh\n${script}\n`);
    chmodSync(join(path, program), 0o755);
  }
  return path;
}

/** Resolves when whatever listens at the port has ended. */
function goneFrom(port: number): Promise<void> {
  return new Promise((resolve) => {
    createConnection(port, "127.0.0.1")
      .on("error", () => {})
      .on("close", () => resolve())
      .resume();
  });
}

test("nats-server is looked for in NATS_SERVER_BIN, then PATH, then the usual folders", (t) => {
  const [named, onPath, usual] = ["named", "on-path", "usual"].map((name) => programs(name, { "nats-server": "" }));
  const empty = programs("empty", {});
  mkdirSync(join(empty, "nats-server"), 0o600);
  const notExecutable = join(programs("plain", {}), "nats-server");
  writeFileSync(notExecutable, "");
  const PATH = `${empty}:${join(notExecutable, "..")}:${onPath}`;
  t.is(findNatsServer({ NATS_SERVER_BIN: join(named!, "nats-server"), PATH }, [usual!]), join(named!, "nats-server"));
  t.is(findNatsServer({ PATH }, [usual!]), join(onPath!, "nats-server"));
  t.is(findNatsServer({ PATH: empty }, [usual!]), join(usual!, "nats-server"));
  t.is(findNatsServer({}, []), undefined);
  t.throws(() => findNatsServer({ NATS_SERVER_BIN: notExecutable, PATH }, [usual!]), { instanceOf: NatsServerError, message: /NATS_SERVER_BIN is .*, which is no program/ });
});

test("without one, tests fetch the system's package into a cache folder, once, and say so", async (t) => {
  const bin = programs("apt", {
    "apt-get": `[ "$*" = "-qq download nats-server" ] && echo package > nats-server_2_amd64.deb && echo >> ${join(folder, "downloads")}`,
    dpkg: '[ "$1" = -x ] && mkdir -p "$3/usr/sbin" && printf "#!/bin/sh\\n" > "$3/usr/sbin/nats-server" && chmod +x "$3/usr/sbin/nats-server"',
  });
  const env = { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, "cache") };
  const said: string[] = [];
  const binary = join(folder, "cache/millrace/nats-server/usr/sbin/nats-server");
  const search = (): Promise<string | undefined> => findForTests(env, [], (text) => said.push(text));
  t.deepEqual(await Promise.all([search(), search()]), [binary, binary]);
  t.is(await search(), binary);
  t.true(existsSync(binary));
  t.regex(said[0]!, /unpacked the package of this system, for tests only, to .*cache\/millrace/);
  t.deepEqual(readdirSync(join(folder, "cache/millrace")), ["nats-server"]);
});

test("on a system that has no lists of packages yet, they fetch lists of their own first", async (t) => {
  const bin = programs("apt-without-lists", {
    "apt-get": `case "$*" in *Dir::State::lists=*" update") touch ${join(folder, "updated")};; *Dir::State::lists=*" download nats-server") [ -e ${join(folder, "updated")} ] && echo package > nats-server_2_amd64.deb;; *) echo no lists >&2; exit 100;; esac`,
    dpkg: 'mkdir -p "$3/usr/sbin" && touch "$3/usr/sbin/nats-server"',
  });
  const cache = join(folder, "cache-without-lists");
  const binary = join(cache, "millrace/nats-server/usr/sbin/nats-server");
  t.is(await findForTests({ PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: cache }, [], () => {}), binary);
  t.deepEqual(readdirSync(join(cache, "millrace/nats-server")), ["usr"]);
});

test("where none can be had, tests are skipped loudly, and fail in CI", async (t) => {
  const bin = programs("no-apt", { "apt-get": "echo no network >&2; exit 100" });
  const env = { PATH: `${bin}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, "no-cache") };
  const said: string[] = [];
  t.is(await findForTests(env, [], (text) => said.push(text)), undefined);
  t.regex(said.join(""), /\*\*\* SKIPPED[^]*apt-get install nats-server[^]*brew install nats-server[^]*docker run[^]*no network/);
  await t.throwsAsync(findForTests({ ...env, CI: "true" }, [], () => {}), { message: /was not found[^]*no network/ });
  t.deepEqual(readdirSync(join(folder, "no-cache/millrace")), []);
});

natsTest("a server ends when told, however often, and leaves only its store", async (t) => {
  const server = await servers.start();
  await Promise.all([server.close(), server.close()]);
  await goneFrom(server.port);
  await server.close();
  await server.kill();
  await server.ended;
  t.deepEqual(readdirSync(join(servers.folder, "0")), ["jetstream"]);
});

natsTest("a server does not outlive the process that started it, even one that is killed", async (t) => {
  const script = `
    import { NatsServer } from ${JSON.stringify(new URL("nats-server.js", import.meta.url).href)};
    const server = await NatsServer.start({ binary: ${JSON.stringify(await natsServerForTests())}, folder: ${JSON.stringify(join(folder, "orphan"))} });
    console.log(server.port);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(parent.stdout), "line")) as [string];
  const gone = goneFrom(Number(line));
  parent.kill("SIGKILL");
  await gone;
  t.pass();
});

natsTest("a server that cannot start says why", async (t) => {
  const { port } = await servers.start();
  await t.throwsAsync(servers.start({ port }), { instanceOf: NatsServerError, message: /did not start: .*address already in use/ });
  const config = join(folder, "broken.conf");
  writeFileSync(config, "max_payload: {");
  await t.throwsAsync(servers.start({ config }), { instanceOf: NatsServerError, message: /broken\.conf did not start: .*Parse error/ });
  await t.throwsAsync(NatsServer.start({ binary: "/bin/false", folder: join(folder, "false") }), { instanceOf: NatsServerError, message: /\/bin\/false did not start: it ended with 1/ });
});
