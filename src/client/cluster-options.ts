/** How to reach a cluster. */
export interface ClusterOptions {
  /** Address of the NATS server, such as nats://host:4222; several in a comma-separated list. */
  readonly nats: string;
  /** Name of the cluster: several may share a NATS server. Default "default". */
  readonly cluster?: string;
  /** Servers of a NATS cluster that keep a copy of each bundle: 3 outlive the loss of one. Default 1. */
  readonly natsReplicas?: number;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Path of a NATS credentials file (.creds), or of a file that holds the seed of an nkey. */
  readonly credentials?: string;
  readonly nkey?: string;
  /** Paths of PEM files: who signed the server's certificate, and a certificate of one's own with its key. */
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export const DEFAULT_CLUSTER = "default";
