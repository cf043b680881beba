import { randomBytes } from "node:crypto";
import { access, mkdir, open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { errorText, UsageError } from "../errors.js";
import { workerId } from "../model/ids.js";
import { natsConfigText } from "../transport/nats-config.js";
import { natsUsers } from "../transport/nats-roles.js";
import { makeCertificates, type Certificates } from "../transport/self-made-certificates.js";
import { describeError, exitCodeOf } from "./report-error.js";

interface NatsConfigFlags {
  readonly out: string;
  readonly cluster: string;
  readonly listen: string;
  readonly host: readonly string[];
  readonly worker: readonly string[];
  readonly tls?: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly plaintext?: boolean;
  readonly overwrite?: boolean;
}

const CONFIG = "nats-server.conf";
const collect = (value: string, all: readonly string[]): string[] => [...all, value];

export function natsConfigCommand(): Command {
  return new Command("nats-config")
    .description("write a configuration for nats-server: a user with its own rights for each role, TLS, and a file of settings for each role")
    .option("--out <dir>", "folder to write to", "millrace-nats")
    .option("--cluster <name>", "name of the cluster", "default")
    .option("--listen <host:port>", "where the server listens", "127.0.0.1:4222")
    .option("--host <name>", "host name or address by which others reach the server; repeat for several (default: the host of --listen)", collect, [])
    .option("--worker <id>", "give this worker a user of its own, which can receive its commands only; repeat for each (default: one user for all)", collect, [])
    .option("--tls", "encrypt, with a certificate and an authority made here by openssl")
    .option("--cert <file>", "encrypt, with this certificate for the server (PEM)")
    .option("--key <file>", "its key (PEM)")
    .option("--ca <file>", "the authority that signed it, when machines do not trust it anyway (PEM)")
    .option("--plaintext", "listen beyond this machine without TLS nevertheless")
    .option("--overwrite", "replace an earlier configuration; its passwords are void then")
    .action(async (flags: NatsConfigFlags) => {
      try {
        process.stdout.write(await writeNatsConfig(flags));
      } catch (error) {
        process.stderr.write(`${describeError(error)}\n`);
        process.exitCode = exitCodeOf(error);
      }
    });
}

/** Returns what to do next. */
async function writeNatsConfig(flags: NatsConfigFlags): Promise<string> {
  const out = resolve(flags.out);
  const { listen, hosts, port } = addressOf(flags);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(flags.cluster)) throw new UsageError(`${JSON.stringify(flags.cluster)} cannot name a cluster: use 1 to 64 letters, digits, hyphens and underscores`);
  const workers = [...new Set(flags.worker)];
  for (const worker of workers) checkWorker(worker);
  const config = join(out, CONFIG);
  if (flags.overwrite !== true && (await exists(config))) throw new UsageError(`${config} exists. --overwrite replaces it; clients, coordinator and workers then need their new settings`);

  const certificates = await certificatesOf(flags, out, hosts);
  await mkdir(out, { recursive: true, mode: 0o700 });
  const users = natsUsers(flags.cluster, workers).map((user) => ({ ...user, password: randomBytes(24).toString("base64url") }));
  const tls = certificates === undefined ? {} : { tls: { certFile: certificates.certFile, keyFile: certificates.keyFile } };
  await writeSecret(config, natsConfigText({ cluster: flags.cluster, listen, store: join(out, "jetstream"), users, ...tls }));
  const url = `${certificates === undefined ? "nats" : "tls"}://${bracketed(hosts[0]!)}:${port}`;
  for (const { name, password } of users) {
    const settings = { MILLRACE_NATS: url, MILLRACE_CLUSTER: flags.cluster, MILLRACE_NATS_USER: name, MILLRACE_NATS_PASSWORD: password, ...(certificates?.caFile === undefined ? {} : { MILLRACE_NATS_TLS_CA: certificates.caFile }) };
    await writeSecret(join(out, `${name}.env`), Object.entries(settings).map(([key, value]) => `${key}=${value}\n`).join(""));
  }
  return nextSteps(out, users.map(({ name }) => name), certificates?.caFile);
}

function nextSteps(out: string, users: readonly string[], caFile: string | undefined): string {
  return `Wrote ${join(out, CONFIG)} and ${users.map((name) => `${name}.env`).join(", ")} beside it. They hold passwords; only you can read them.

  nats-server -c ${join(out, CONFIG)}
  set -a; . ${join(out, "coordinator.env")}; millrace coordinator
  set -a; . ${join(out, `${users[2]}.env`)}; millrace worker
  set -a; . ${join(out, "client.env")}; millrace submit job.ts ...

Give each machine the .env file of its role only${caFile === undefined ? "" : `, and ${caFile}, to which MILLRACE_NATS_TLS_CA must point there`}.
`;
}

function addressOf({ listen, host, tls, cert, plaintext }: NatsConfigFlags): { readonly listen: string; readonly hosts: readonly string[]; readonly port: number } {
  const [, bare, port] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(listen) ?? [];
  if (bare === undefined || Number(port) > 65_535) throw new UsageError(`--listen ${listen} is no host:port, such as 127.0.0.1:4222, 0.0.0.0:4222 or [::1]:4222`);
  const listening = bare.replace(/^\[|\]$/g, "");
  for (const each of host) if (!/^[A-Za-z0-9.:-]{1,253}$/.test(each)) throw new UsageError(`--host ${JSON.stringify(each)} is neither a host name nor an address`);
  const local = /^(127\.[0-9.]+|localhost|::1)$/.test(listening);
  if (!local && tls !== true && cert === undefined && plaintext !== true) {
    throw new UsageError(`--listen ${listen} can be reached from other machines, and without TLS passwords and code would travel in the clear. Add --tls (or --cert and --key); --plaintext does it nevertheless`);
  }
  if (host.length > 0) return { listen, hosts: host, port: Number(port) };
  if (/^(0\.0\.0\.0|::)$/.test(listening)) throw new UsageError(`By which name do others reach a server that listens at ${listen}? Give it by --host`);
  return { listen, hosts: [listening], port: Number(port) };
}

async function certificatesOf({ tls, cert, key, ca, overwrite }: NatsConfigFlags, out: string, hosts: readonly string[]): Promise<(Omit<Certificates, "caFile"> & { readonly caFile?: string }) | undefined> {
  if (cert === undefined && key === undefined && ca === undefined) {
    if (tls !== true) return undefined;
    if (overwrite !== true && (await exists(join(out, "ca-key.pem")))) throw new UsageError(`${join(out, "ca-key.pem")} exists; --overwrite replaces it`);
    return makeCertificates(out, hosts);
  }
  if (tls === true) throw new UsageError("--tls makes a certificate; with one of your own (--cert, --key) leave it out");
  if (cert === undefined || key === undefined) throw new UsageError("--cert, --key and --ca belong together: a certificate needs its key, and an authority a certificate");
  for (const file of [cert, key, ...(ca === undefined ? [] : [ca])]) if (!(await exists(file))) throw new UsageError(`${file} cannot be read`);
  return { certFile: resolve(cert), keyFile: resolve(key), ...(ca === undefined ? {} : { caFile: resolve(ca) }) };
}

function checkWorker(worker: string): void {
  try {
    workerId(worker);
  } catch (error) {
    throw new UsageError(`--worker: ${errorText(error)}; use 1 to 64 letters, digits and hyphens`);
  }
}

/** For the owner's eyes only, also when the file was there with other rights. */
async function writeSecret(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
