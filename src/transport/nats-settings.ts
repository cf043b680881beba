/** The client library's settings for our options: whom to be, whom to trust, and how to come back after a loss. */
import { readFile } from "node:fs/promises";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { isIP } from "node:net";
import { credsAuthenticator, nkeyAuthenticator, nkeys, type ConnectionOptions, type TlsOptions } from "nats";
import { inboxPrefixOf, type NatsAddress, type NatsOptions } from "./nats-options.js";
import { connectProblem } from "./nats-problem.js";
import { ConnectError } from "./transport.js";

/** Milliseconds between attempts to connect. */
export const RETRY_EVERY = 250;

export async function natsSettings(options: NatsOptions, address: NatsAddress): Promise<ConnectionOptions> {
  const { name, credentials, nkey } = options;
  const { servers, user, password, token, shown } = address;
  const tls = tlsSettings(options, address);
  return {
    name: `millrace ${name}`,
    servers: [...servers],
    inboxPrefix: options.inboxPrefix ?? inboxPrefixOf(user),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_EVERY,
    reconnectJitter: RETRY_EVERY,
    // A password may be changed back, and a server that restarts may refuse for a moment.
    ignoreAuthErrorAbort: true,
    pingInterval: 5_000,
    maxPingOut: 2,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { token }),
    ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(checkedCredentials(credentials, await readSecret(credentials, shown))) }),
    ...(nkey === undefined ? {} : { authenticator: nkeyAuthenticator(nkeySeed(nkey, await readSecret(nkey, shown))) }),
    ...(tls === undefined ? {} : { tls }),
  };
}

async function readSecret(file: string, shown: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw connectProblem(error, shown, "").error;
  }
}

/** Checked here, as nkeys are. */
function checkedCredentials(file: string, content: Uint8Array): Uint8Array {
  if (!/BEGIN NATS USER JWT[^]*BEGIN USER NKEY SEED/.test(Buffer.from(content).toString())) throw new ConnectError(`${file} holds no credentials (a user's JWT and its nkey seed, as nsc writes them)`);
  return content;
}

/** Checked here: the library finds out while it connects, and then takes it for a fault of the connection. */
function nkeySeed(file: string, content: Uint8Array): Uint8Array {
  const seed = Buffer.from(Buffer.from(content).toString().trim());
  try {
    nkeys.fromSeed(seed);
  } catch (error) {
    throw new ConnectError(`${file} holds no nkey seed (a line that begins with SU)`, { cause: error });
  }
  return seed;
}

function tlsSettings({ caFile, certFile, keyFile }: NatsOptions, { tls, servers }: NatsAddress): TlsOptions | undefined {
  if (!tls && caFile === undefined && certFile === undefined) return undefined;
  const files = { ...(caFile === undefined ? {} : { caFile }), ...(certFile === undefined ? {} : { certFile }), ...(keyFile === undefined ? {} : { keyFile }) };
  // The library hands all of it to Node; its own type names only what it reads itself.
  const settings = { ...files, checkServerIdentity: identityCheck(servers) };
  return settings;
}

/**
 * Whether a certificate is that of a server we meant. The library names no host when it dials an address, and
 * Node takes "localhost" then: so an address is checked against the addresses that were given.
 */
function identityCheck(servers: readonly string[]): (host: string, certificate: PeerCertificate) => Error | undefined {
  const hosts = servers.map((server) => server.slice(0, server.lastIndexOf(":")).replace(/^\[|\]$/g, ""));
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (host, certificate) => {
    if (addresses.length === 0 || hosts.includes(host)) return checkServerIdentity(host, certificate);
    const problems = addresses.map((address) => checkServerIdentity(address, certificate));
    return problems.includes(undefined) ? undefined : problems[0];
  };
}
