import { natsAddress } from "../transport/nats-options.js";
import { subjectsOf } from "../protocol/subjects.js";
import { UsageError } from "../errors.js";
import type { NatsTransport } from "../transport/nats.js";
import { DEFAULT_CLUSTER, type ClusterOptions } from "./cluster-options.js";
import type { Connection } from "./coordinator-client.js";

/** Connects a process to its cluster; `name` is what the server's lists show. Rejects with ConnectError, which names the address. */
export async function connectCluster(options: ClusterOptions, name: string, { createBlobStore = false }: { readonly createBlobStore?: boolean } = {}): Promise<Connection> {
  const { nats: url, cluster = DEFAULT_CLUSTER, natsReplicas, user, password, token, credentials, nkey, tlsCa, tlsCert, tlsKey } = options;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(cluster)) throw new UsageError(`${JSON.stringify(cluster)} cannot name a cluster: use 1 to 64 letters, digits, hyphens and underscores`);
  // The client library takes 30 ms to load, which a start without a cluster need not wait for.
  const { connectNats } = await import("../transport/nats.js");
  const transport = await connectNats({
    url,
    cluster,
    name,
    createBlobStore,
    ...(natsReplicas === undefined ? {} : { replicas: natsReplicas }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(nkey === undefined ? {} : { nkey }),
    ...(tlsCa === undefined ? {} : { caFile: tlsCa }),
    ...(tlsCert === undefined ? {} : { certFile: tlsCert }),
    ...(tlsKey === undefined ? {} : { keyFile: tlsKey }),
  });
  if (createBlobStore) keepBlobStore(transport);
  return { transport: transport, subjects: subjectsOf(cluster), keepsLog: true, place: `cluster ${cluster} at ${natsAddress({ url }).shown}` };
}

/** Milliseconds between looks whether the store is still there. */
const LOOK_EVERY = 10_000;

/** A server that comes back may have lost its store, and one that stays may be told to delete it. */
function keepBlobStore(transport: NatsTransport): void {
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    await transport.createBlobStore().catch(() => {});
    looking = false;
  };
  const timer = setInterval(() => void look(), LOOK_EVERY);
  transport.watch(({ type }) => {
    if (type === "reconnected") void look();
    if (type === "closed") clearInterval(timer);
  });
}
