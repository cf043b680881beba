/** The commands of a cluster against servers that ask who one is: settings from nats-config's files, and every kind of credentials as flags. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { nkeys } from "nats";
import { ClusterMember } from "../testing/cluster-member.js";
import { LocalRuns } from "../testing/local-run.js";
import { NatsServers } from "../testing/nats-servers.js";
import { makeCertificates } from "../transport/self-made-certificates.js";

const found = await NatsServers.find();
const natsTest = found === undefined ? test.skip : test.serial;
const servers = found!;
const runs = new LocalRuns();
const members: ClusterMember[] = [];
test.afterEach.always(() => Promise.all(members.splice(0).map((member) => member.kill())));
test.after.always(async () => {
  await found?.close();
  runs.close();
});

function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ClusterMember {
  const member = new ClusterMember(args[0]!, args, { cwd: runs.folder, environment });
  members.push(member);
  return member;
}

async function run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<{ readonly end: string; readonly stderr: string }> {
  const member = start(args, environment);
  return { end: await member.ended, stderr: member.stderr };
}

natsTest("a cluster with users and TLS, from the files that nats-config writes or from flags; who has the wrong file is told", async (t) => {
  const folder = join(runs.folder, "config");
  const { end, stderr } = await run(["nats-config", "--out", folder, "--tls"]);
  t.is(end, "exit code 0", stderr);
  const { port } = await servers.start({ config: join(folder, "nats-server.conf") });
  const url = `tls://127.0.0.1:${port}`;
  const settings = (user: string): Record<string, string> => {
    const lines = readFileSync(join(folder, `${user}.env`), "utf8").trim().split("\n");
    return { ...Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])), MILLRACE_NATS: url };
  };
  const client = settings("client");
  const password = client["MILLRACE_NATS_PASSWORD"]!;
  const ca = client["MILLRACE_NATS_TLS_CA"]!;

  const coordinator = start(["coordinator", "--state-dir", join(runs.folder, "state")], settings("coordinator"));
  await coordinator.up();
  await start(["worker", "--slots", "1", "--dir", runs.folder], settings("worker")).up();
  const job = runs.job("wc", `{ name: "wc", input: text(), key: t.utf8(), value: t.float64(), map(line, emit) { emit(line, 1); }, reduce: sum(), output: tsv() }`);
  runs.write("in.txt", "b\na\nb\n");
  const output = (name: string): string => readFileSync(join(runs.folder, name, "part-00000.tsv"), "latin1");
  const byFile = await run(["submit", job, "-i", "in.txt", "-o", "by-file", "--partitions", "1"], client);
  t.is(byFile.end, "exit code 0", byFile.stderr);
  t.is(output("by-file"), "a\t1\nb\t2\n");
  const byFlags = await run(["submit", job, "-i", "in.txt", "-o", "by-flags", "--partitions", "1", "--nats", url, "--user", "client", "--password", password, "--tls-ca", ca]);
  t.is(byFlags.end, "exit code 0", byFlags.stderr);
  t.is(output("by-flags"), "a\t1\nb\t2\n");

  for (const [flags, message] of [
    [["--user", "client", "--password", password], /TLS connection to tls:.* failed: .*certificate/],
    [["--user", "client", "--password", "guessed", "--tls-ca", ca], /refused .*: the user or password/],
    [["--user", "client", "--password", password, "--tls-ca", join(runs.folder, "none.pem")], /none\.pem/],
  ] as const) {
    const { end: refused, stderr: said } = await run(["jobs", "--nats", url, ...flags]);
    t.is(refused, "exit code 1");
    t.regex(said, message);
    t.false(said.includes("guessed") || said.includes(password));
  }
  const posing = start(["worker", "--dir", runs.folder], client);
  await posing.logs(/NATS does not let user client publish to millrace\.default\.reports: connect as the user of the right role/);
  t.regex((await run(["submit", job, "-i", "in.txt", "-o", "by-worker"], settings("worker"))).stderr, /NATS does not let user worker publish to millrace\.default\.requests/);
});

natsTest("a token, an nkey, a credentials file and a certificate of one's own let a command in; without them it is refused", async (t) => {
  const written = (name: string, text: string): string => runs.write(name, text);
  const user = nkeys.createUser();
  const seed = Buffer.from(user.getSeed()).toString();
  const certificates = join(runs.folder, "certificates");
  mkdirSync(certificates);
  const { caFile, certFile, keyFile } = await makeCertificates(certificates, ["127.0.0.1"]);
  const openssl = (...args: string[]): Promise<unknown> => promisify(execFile)("openssl", args, { cwd: certificates });
  writeFileSync(join(certificates, "client.ext"), "extendedKeyUsage=clientAuth\n");
  await openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "own-key.pem", "-out", "own.csr", "-subj", "/CN=client");
  await openssl("x509", "-req", "-in", "own.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-out", "own.pem", "-extfile", "client.ext", "-days", "2");
  const ways: readonly { readonly config: string; readonly scheme: string; readonly common: readonly string[]; readonly flags: readonly string[] }[] = [
    { config: 'authorization { token: "t0ken" }', scheme: "nats", common: [], flags: ["--token", "t0ken"] },
    { config: `authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`, scheme: "nats", common: [], flags: ["--nkey", written("seed.nk", `${seed}\n`)] },
    { config: `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}", verify: true }`, scheme: "tls", common: ["--tls-ca", caFile], flags: ["--tls-cert", join(certificates, "own.pem"), "--tls-key", join(certificates, "own-key.pem")] },
  ];
  // Together, for each takes its time to find that there is no coordinator.
  await Promise.all(
    ways.map(async ({ config, scheme, common, flags }, index) => {
      const { port } = await servers.start({ config: written(`server-${index}.conf`, `${config}\n`) });
      const jobs = ["jobs", "--nats", `${scheme}://127.0.0.1:${port}`, ...common];
      const [admitted, refused] = await Promise.all([run([...jobs, ...flags]), run(jobs)]);
      t.regex(admitted.stderr, /No coordinator answers in cluster default/, flags[0]);
      t.is(refused.end, "exit code 1");
      t.notRegex(refused.stderr, /No coordinator answers/, flags[0]);
    }),
  );
  const { port } = await servers.start();
  t.regex((await run(["jobs", "--nats", `nats://127.0.0.1:${port}`, "--creds", join(runs.folder, "none.creds")])).stderr, /none\.creds/);
});
