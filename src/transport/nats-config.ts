/** The text of a configuration file for nats-server that gives each role of a cluster its user and its rights. */
import type { NatsUser } from "./nats-roles.js";

export interface NatsConfig {
  readonly cluster: string;
  /** host:port. */
  readonly listen: string;
  /** Folder for JetStream. */
  readonly store: string;
  readonly users: readonly (NatsUser & { readonly password: string })[];
  /** Absolute paths. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

export function natsConfigText({ cluster, listen, store, users, tls }: NatsConfig): string {
  return `# nats-server of the Millrace cluster ${cluster}, written by millrace nats-config. It holds passwords: keep it to yourself.
# Start it with: nats-server -c <this file>. After a change: nats-server --signal reload
listen: ${quoted(listen)}
server_name: ${quoted(`millrace-${cluster}`)}
jetstream {
  store_dir: ${quoted(store)}
}
${
  tls === undefined
    ? "# No TLS: passwords, code and messages travel in the clear. millrace nats-config --tls writes a configuration with it."
    : `tls {
  cert_file: ${quoted(tls.certFile)}
  key_file: ${quoted(tls.keyFile)}
  timeout: 5
}`
}
# An account of its own: other users of this server see nothing of it. Without a user nobody gets in.
accounts {
  ${quoted(`millrace-${cluster}`)} {
    jetstream: enabled
    users: [
${users.map(userText).join("\n")}
    ]
  }
}
`;
}

function userText({ name, password, publish, subscribe }: NatsConfig["users"][number]): string {
  return `      {
        user: ${quoted(name)}
        password: ${quoted(password)}
        permissions {
          publish { allow: [${publish.map(quoted).join(", ")}] }
          subscribe { allow: [${subscribe.map(quoted).join(", ")}] }
        }
      }`;
}

/** Escapes as nats-server reads them; JSON's are the same but for control characters, which no path or name here has. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
