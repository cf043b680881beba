import type { Command } from "commander";
import { connectCluster } from "../client/connect.js";
import type { ClusterOptions } from "../client/cluster-options.js";
import type { Connection } from "../client/coordinator-client.js";
import { UsageError } from "../errors.js";
import { parseCount } from "./parse-options.js";
import { describeError, exitCodeOf } from "./report-error.js";

export interface ClusterFlags {
  readonly nats?: string;
  readonly cluster?: string;
  readonly natsReplicas?: number;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly creds?: string;
  readonly nkey?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** The options of every command that talks to a cluster. Secrets are better given by environment: other users see command lines. */
export function withClusterOptions(command: Command): Command {
  return command
    .option("--nats <url>", "NATS server, such as nats://host:4222; of a NATS cluster several, separated by commas (environment: MILLRACE_NATS)")
    .option("--cluster <name>", 'name of the cluster (MILLRACE_CLUSTER; default "default")')
    .option("--nats-replicas <n>", "servers of a NATS cluster that keep each bundle (MILLRACE_NATS_REPLICAS; default 1)", parseCount)
    .option("--user <name>", "user at the NATS server (MILLRACE_NATS_USER)")
    .option("--password <password>", "its password (better: MILLRACE_NATS_PASSWORD)")
    .option("--token <token>", "token in place of user and password (better: MILLRACE_NATS_TOKEN)")
    .option("--creds <file>", "NATS credentials file (MILLRACE_NATS_CREDS)")
    .option("--nkey <file>", "file with the seed of an nkey (MILLRACE_NATS_NKEY)")
    .option("--tls-ca <file>", "who signed the server's certificate (MILLRACE_NATS_TLS_CA)")
    .option("--tls-cert <file>", "certificate of this process (MILLRACE_NATS_TLS_CERT)")
    .option("--tls-key <file>", "key of that certificate (MILLRACE_NATS_TLS_KEY)");
}

/** Flags outweigh the environment. */
export function clusterOptions(flags: ClusterFlags, environment = process.env): ClusterOptions {
  const given = (flag: string | undefined, variable: string): string | undefined => flag ?? (environment[variable] === "" ? undefined : environment[variable]);
  const nats = given(flags.nats, "MILLRACE_NATS");
  if (nats === undefined) throw new UsageError("Which NATS server? Give --nats nats://host:4222 or set MILLRACE_NATS. `millrace up` starts a cluster on this machine");
  const replicas = given(flags.natsReplicas?.toString(), "MILLRACE_NATS_REPLICAS");
  const options = {
    natsReplicas: replicas === undefined ? undefined : parseCount(replicas),
    cluster: given(flags.cluster, "MILLRACE_CLUSTER"),
    user: given(flags.user, "MILLRACE_NATS_USER"),
    password: given(flags.password, "MILLRACE_NATS_PASSWORD"),
    token: given(flags.token, "MILLRACE_NATS_TOKEN"),
    credentials: given(flags.creds, "MILLRACE_NATS_CREDS"),
    nkey: given(flags.nkey, "MILLRACE_NATS_NKEY"),
    tlsCa: given(flags.tlsCa, "MILLRACE_NATS_TLS_CA"),
    tlsCert: given(flags.tlsCert, "MILLRACE_NATS_TLS_CERT"),
    tlsKey: given(flags.tlsKey, "MILLRACE_NATS_TLS_KEY"),
  };
  return { nats, ...(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Omit<ClusterOptions, "nats">) };
}

/** Runs a command with a connection to the cluster, and reports its errors. */
export async function withCluster(flags: ClusterFlags, name: string, run: (connection: Connection) => Promise<void>): Promise<void> {
  await reporting(async () => {
    const connection = await connectCluster(clusterOptions(flags), name);
    try {
      await run(connection);
    } finally {
      await connection.transport.close();
    }
  });
}

/** Turns what a command throws into a message and an exit code. */
export async function reporting(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
