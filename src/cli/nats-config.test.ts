/** The security of a cluster on NATS: what `millrace nats-config` writes, held against a real server. */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { connect, type NatsConnection } from "nats";
import { workerId, parseJobId } from "../model/ids.js";
import { subjectsOf } from "../protocol/subjects.js";
import { NatsServers } from "../testing/nats-servers.js";
import type { NatsTransport } from "../transport/nats.js";
import type { NatsServer } from "../transport/nats-server.js";
import { BlobError, ConnectError, NotPermittedError, type TransportEvent } from "../transport/transport.js";

const found = await NatsServers.find();
const natsTest = found === undefined ? test.skip : test.serial;
const servers = found!;
test.after.always(() => found?.close());

const main = fileURLToPath(new URL("main.cjs", import.meta.url));

function natsConfig(args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, "nats-config", ...args], { cwd: servers.folder });
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
    child.on("close", (code) => resolve({ code, ...said }));
  });
}

function settingsOf(folder: string, user: string): Record<string, string> {
  return Object.fromEntries(
    readFileSync(join(folder, `${user}.env`), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

interface Cluster {
  readonly folder: string;
  readonly server: NatsServer;
  readonly as: (user: string) => Promise<NatsTransport>;
}

/** A server with a configuration that the command wrote. */
async function secured(t: ExecutionContext, name: string, ...args: readonly string[]): Promise<Cluster> {
  const folder = join(servers.folder, name);
  const { code, stderr } = await natsConfig(["--out", folder, "--cluster", "c", ...args]);
  t.is(code, 0, stderr);
  const server = await servers.start({ config: join(folder, "nats-server.conf") });
  const scheme = args.includes("--tls") ? "tls" : "nats";
  const as = (user: string): Promise<NatsTransport> => {
    const { MILLRACE_NATS_USER, MILLRACE_NATS_PASSWORD, MILLRACE_NATS_TLS_CA, MILLRACE_CLUSTER } = settingsOf(folder, user);
    return servers.connect({
      url: `${scheme}://127.0.0.1:${server.port}`,
      cluster: MILLRACE_CLUSTER!,
      user: MILLRACE_NATS_USER!,
      password: MILLRACE_NATS_PASSWORD!,
      ...(MILLRACE_NATS_TLS_CA === undefined ? {} : { caFile: MILLRACE_NATS_TLS_CA }),
      ...(user === "coordinator" ? { createBlobStore: true } : {}),
    });
  };
  return { folder, server, as };
}

const STREAM = "OBJ_millrace-c";
/** Everything that somebody could try, and who may. Letters: c client, o coordinator, w any worker, 1 only worker-w1. */
const PUBLISH: Readonly<Record<string, string>> = {
  "millrace.c.requests": "co",
  "millrace.c.reports": "w",
  "millrace.c.output": "w",
  "millrace.c.worker.w1": "o",
  "millrace.c.worker.w2": "o",
  "millrace.c.job.wc-1": "o",
  "millrace.c.coordinators": "o",
  "millrace.other.requests": "",
  "millrace.other.reports": "",
  "millrace.other.worker.w1": "",
  "millrace.c.worker.w1.more": "",
  millrace: "",
  anything: "",
  "_INBOX.client.x.1": "o",
  "_INBOX.coordinator.x.1": "ow",
  "_INBOX.worker-w1.x.1": "o",
  "_INBOX.worker-w2.x.1": "o",
  "_INBOX.x": "",
  "$O.millrace-c.C.x": "co",
  "$O.millrace-c.M.x": "co",
  "$O.millrace-other.M.x": "",
  [`$JS.API.STREAM.INFO.${STREAM}`]: "cow",
  [`$JS.API.STREAM.MSG.GET.${STREAM}`]: "cow",
  [`$JS.API.DIRECT.GET.${STREAM}`]: "ow",
  [`$JS.API.STREAM.CREATE.${STREAM}`]: "o",
  [`$JS.API.STREAM.UPDATE.${STREAM}`]: "",
  [`$JS.API.STREAM.DELETE.${STREAM}`]: "",
  [`$JS.API.STREAM.PURGE.${STREAM}`]: "",
  [`$JS.API.STREAM.MSG.DELETE.${STREAM}`]: "",
  [`$JS.API.CONSUMER.CREATE.${STREAM}`]: "",
  [`$JS.API.CONSUMER.CREATE.${STREAM}.x.y`]: "",
  [`$JS.API.CONSUMER.DURABLE.CREATE.${STREAM}.x`]: "",
  "$JS.API.STREAM.CREATE.other": "",
  "$JS.API.STREAM.INFO.OBJ_millrace-other": "",
  "$JS.API.STREAM.NAMES": "",
  "$JS.API.INFO": "",
  "$SYS.REQ.SERVER.PING": "",
};
const SUBSCRIBE: Readonly<Record<string, string>> = {
  "millrace.c.requests": "o",
  "millrace.c.reports": "o",
  "millrace.c.output": "o",
  "millrace.c.worker.w1": "1",
  "millrace.c.worker.w2": "2",
  "millrace.c.worker.*": "",
  "millrace.c.job.wc-1": "c",
  "millrace.c.job.*": "c",
  "millrace.c.coordinators": "cow",
  "millrace.c.*": "",
  "millrace.c.>": "",
  "millrace.>": "",
  ">": "",
  "_INBOX.>": "",
  "_INBOX.*.>": "",
  "_INBOX.client.>": "c",
  "_INBOX.coordinator.>": "o",
  "_INBOX.worker-w1.>": "1",
  "_INBOX.worker-w2.>": "2",
  "$O.millrace-c.>": "",
  "$JS.>": "",
  "$SYS.>": "",
};
const USERS: Readonly<Record<string, string>> = { client: "c", coordinator: "o", "worker-w1": "w1", "worker-w2": "w2" };

function expected(table: Readonly<Record<string, string>>, user: string): string[] {
  return Object.keys(table).filter((subject) => ![...table[subject]!].some((who) => USERS[user]!.includes(who)));
}

/** Which of the subjects the server refuses. It answers in order: after the answers to two pings all refusals are here and told. */
async function refusedOf(connection: NatsConnection, subjects: readonly string[], attempt: (subject: string) => void): Promise<string[]> {
  const refused = new Set<string>();
  void (async () => {
    for await (const { permissionContext } of connection.status()) if (permissionContext !== undefined) refused.add(permissionContext.subject);
  })();
  for (const subject of subjects) {
    attempt(subject);
    await connection.flush();
  }
  await connection.flush();
  await connection.close();
  return subjects.filter((subject) => refused.has(subject));
}

natsTest("each role is refused each subject that is not its own, and no other", async (t) => {
  const { folder, server } = await secured(t, "roles", "--worker", "w1", "--worker", "w2");
  for (const user of Object.keys(USERS)) {
    const { MILLRACE_NATS_PASSWORD } = settingsOf(folder, user);
    const open = (): Promise<NatsConnection> => connect({ servers: server.url, user, pass: MILLRACE_NATS_PASSWORD! });
    const publisher = await open();
    t.deepEqual(await refusedOf(publisher, Object.keys(PUBLISH), (subject) => publisher.publish(subject, "x")), expected(PUBLISH, user), `${user} publishes`);
    const subscriber = await open();
    t.deepEqual(await refusedOf(subscriber, Object.keys(SUBSCRIBE), (subject) => void subscriber.subscribe(subject, { callback: () => {} })), expected(SUBSCRIBE, user), `${user} subscribes`);
  }
});

natsTest("what the roles need works: requests, reports, commands, notices, output, updates and bundles", async (t) => {
  const { as } = await secured(t, "work");
  const [coordinator, client, worker] = [await as("coordinator"), await as("client"), await as("worker")];
  const refused: TransportEvent[] = [];
  for (const each of [coordinator, client, worker]) each.watch((event) => event.type === "refused" && refused.push(event));
  const subjects = subjectsOf("c");
  const echo = async (payload: Uint8Array): Promise<Uint8Array> => payload;
  const large = randomBytes(3_000_000);
  const heard = (transport: NatsTransport, subject: string): Promise<string> => new Promise((resolve) => transport.subscribe(subject, (payload) => resolve(Buffer.from(payload).toString())));

  coordinator.serve(subjects.requests, echo);
  coordinator.serve(subjects.reports, echo);
  worker.serve(subjects.worker(workerId("w1")), echo);
  const output = heard(coordinator, subjects.output);
  const update = heard(client, subjects.job(parseJobId("wc-1")));
  const notices = [coordinator, client, worker].map((each) => heard(each, subjects.coordinators));
  // Each of them knows by an answer from the server that its subscriptions stand.
  await client.putBlob("bundle", large);

  t.deepEqual(hashOf(await client.request(subjects.requests, large, 10_000)), hashOf(large));
  t.deepEqual(hashOf(await worker.request(subjects.reports, large, 10_000)), hashOf(large));
  t.deepEqual(hashOf(await coordinator.request(subjects.worker(workerId("w1")), large, 10_000)), hashOf(large));
  worker.publish(subjects.output, Buffer.from("printed"));
  t.is(await output, "printed");
  coordinator.publish(subjects.job(parseJobId("wc-1")), Buffer.from("progress"));
  t.is(await update, "progress");
  coordinator.publish(subjects.coordinators, Buffer.from("started"));
  t.deepEqual(await Promise.all(notices), ["started", "started", "started"]);
  for (const reader of [worker, coordinator]) t.deepEqual(hashOf(await reader.getBlob("bundle")), hashOf(large));
  t.deepEqual(refused, []);
});

natsTest("a role that oversteps learns so at once, in words", async (t) => {
  const { as } = await secured(t, "overstep");
  await as("coordinator");
  const worker = await as("worker");
  const subjects = subjectsOf("c");
  const request = worker.request(subjects.requests, Buffer.from("submit"), 600_000);
  await t.throwsAsync(request, { instanceOf: NotPermittedError, message: /does not let user worker publish to millrace\.c\.requests: connect as the user of the right role/ });
  const refused = new Promise<TransportEvent>((resolve) => worker.watch((event) => event.type === "refused" && resolve(event)));
  worker.subscribe(subjects.reports, () => {});
  t.regex(((await refused) as { error: Error }).error.message, /does not let user worker subscribe to millrace\.c\.reports/);
  await t.throwsAsync(worker.putBlob("b", Buffer.from("x")), { instanceOf: BlobError, message: /does not let user worker do that/ });
});

natsTest("nobody gets in without the right password, and the message keeps the wrong one to itself", async (t) => {
  const { server, folder } = await secured(t, "passwords");
  const attempts = [
    { url: server.url },
    { url: server.url, user: "worker", password: "wrong-secret" },
    { url: `nats://client:wrong-secret@127.0.0.1:${server.port}` },
    { url: server.url, user: "worker", password: settingsOf(folder, "client")["MILLRACE_NATS_PASSWORD"]! },
    { url: server.url, token: "wrong-secret" },
  ];
  for (const attempt of attempts) {
    const error = await t.throwsAsync(servers.connect({ ...attempt }), { instanceOf: ConnectError });
    t.regex(error!.message, new RegExp(`^The NATS server at nats://127\\.0\\.0\\.1:${server.port} refused .*: the user or password`));
    t.notRegex(error!.message, /wrong-secret/);
  }
});

natsTest("TLS: connected with the authority's file, refused without it, and in the clear not at all", async (t) => {
  const { server, as, folder } = await secured(t, "tls", "--tls");
  const [coordinator, client] = [await as("coordinator"), await as("client")];
  coordinator.serve(subjectsOf("c").requests, async () => Buffer.from("yes"));
  await coordinator.putBlob("b", Buffer.from("x"));
  t.is(Buffer.from(await client.request(subjectsOf("c").requests, Buffer.from("?"), 10_000)).toString(), "yes");

  const { MILLRACE_NATS_USER: user, MILLRACE_NATS_PASSWORD: password } = settingsOf(folder, "client") as Record<"MILLRACE_NATS_USER" | "MILLRACE_NATS_PASSWORD", string>;
  await t.throwsAsync(servers.connect({ url: `tls://127.0.0.1:${server.port}`, user, password }), { instanceOf: ConnectError, message: /TLS connection to tls:.* failed: .*certificate.* give its file as CA file/ });
  await natsConfig(["--out", join(servers.folder, "stranger"), "--tls"]);
  const stranger = join(servers.folder, "stranger", "ca.pem");
  await t.throwsAsync(servers.connect({ url: `tls://127.0.0.1:${server.port}`, user, password, caFile: stranger }), { instanceOf: ConnectError, message: /TLS connection/ });
  await t.throwsAsync(servers.connect({ url: `tls://127.0.0.1:${server.port}`, user, password, caFile: "/nowhere/ca.pem" }), { instanceOf: ConnectError, message: /\/nowhere\/ca\.pem/ });
  const plain = await servers.start();
  await t.throwsAsync(servers.connect({ url: `tls://127.0.0.1:${plain.port}` }), { instanceOf: ConnectError, message: /does not offer TLS/ });
});

natsTest("TLS: a certificate for another host is refused", async (t) => {
  const { as } = await secured(t, "other-host", "--tls", "--host", "nats.example");
  await t.throwsAsync(as("client"), { instanceOf: ConnectError, message: /TLS connection .* failed: .*altnames/ });
  const local = await secured(t, "localhost-only", "--tls", "--host", "localhost");
  await t.throwsAsync(local.as("client"), { instanceOf: ConnectError, message: /TLS connection .* failed: .*altnames/ }, "its address is not its name");
});

natsTest("all files are for their owner only, and no password is written twice or shown", async (t) => {
  const folder = join(servers.folder, "files");
  const { stdout } = await natsConfig(["--out", folder, "--tls"]);
  const names = readdirSync(folder);
  t.deepEqual(names.sort(), ["ca-key.pem", "ca.pem", "client.env", "coordinator.env", "nats-server.conf", "server-key.pem", "server.pem", "worker.env"]);
  for (const name of names) t.is(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  t.is(statSync(folder).mode & 0o777, 0o700);
  const passwords = ["client", "coordinator", "worker"].map((user) => settingsOf(folder, user)["MILLRACE_NATS_PASSWORD"]!);
  t.is(new Set(passwords).size, 3);
  for (const password of passwords) {
    t.true(password.length >= 32);
    t.false(stdout.includes(password));
  }
});

natsTest("what would be unsafe or ambiguous is refused, with the way out", async (t) => {
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [["--listen", "0.0.0.0:4222", "--host", "nats.example"], /without TLS passwords and code would travel in the clear\. Add --tls .*--plaintext does it nevertheless/],
    [["--listen", "0.0.0.0:4222", "--tls"], /Give it by --host/],
    [["--listen", "nonsense"], /is no host:port/],
    [["--cluster", "a.b"], /cannot name a cluster/],
    [["--cluster", "*"], /cannot name a cluster/],
    [["--worker", "a.>"], /Not a worker id/],
    [["--host", 'x"; y'], /neither a host name nor an address/],
    [["--cert", "c.pem"], /a certificate needs its key/],
    [["--cert", "c.pem", "--key", "k.pem"], /c\.pem cannot be read/],
    [["--tls", "--cert", "c.pem", "--key", "k.pem"], /leave it out/],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await natsConfig(["--out", join(servers.folder, "refused"), ...args]);
    t.is(code, 2, args.join(" "));
    t.regex(stderr, message);
  }
  t.false(readdirSync(servers.folder).includes("refused"));
  const twice = ["--out", join(servers.folder, "twice")];
  t.is((await natsConfig(twice)).code, 0);
  t.regex((await natsConfig(twice)).stderr, /exists\. --overwrite replaces it/);
  t.is((await natsConfig([...twice, "--overwrite"])).code, 0);
  t.is((await natsConfig(["--out", join(servers.folder, "plain"), "--listen", "0.0.0.0:4222", "--host", "nats.example", "--plaintext"])).code, 0);
});

function hashOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
