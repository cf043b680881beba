/** Which NATS servers to connect to, and as whom. */
import { UsageError } from "../errors.js";

export interface NatsOptions {
  /** `nats://host:port` or `tls://host:port`; several separated by commas. May hold user and password, or a token. */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** File of credentials as nsc writes them (.creds). */
  readonly credentials?: string;
  /** File that holds the seed of an nkey. */
  readonly nkey?: string;
  /** Files for TLS: the authorities to trust, and a certificate of our own with its key. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Told to the server, which shows it in its lists: `worker w1`. */
  readonly name: string;
  /** Milliseconds within which the first connection must be made. Default 5000. */
  readonly connectWithin?: number;
  /** Where replies go. Default `_INBOX.<user>`, or `_INBOX` without a user. */
  readonly inboxPrefix?: string;
  /** Names the store of blobs: one for each cluster. */
  readonly cluster: string;
  /** Makes the store of blobs while connecting. A coordinator does; other roles may have no right to. */
  readonly createBlobStore?: boolean;
  /** Servers that keep a copy of each blob, when this connection makes the store. Default 1. */
  readonly replicas?: number;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
}

export interface NatsAddress {
  /** host:port of each server, without secrets. */
  readonly servers: readonly string[];
  /** The same for people: nats://host:port. */
  readonly shown: string;
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

/** Takes a url apart. What options say outweighs what the url says. */
export function natsAddress({ url, user, password, token }: Pick<NatsOptions, "url" | "user" | "password" | "token">): NatsAddress {
  const parsed = url.split(",").map((each) => parseServer(each.trim()));
  const first = parsed.find((each) => each.username !== "");
  const inUrl = first === undefined ? {} : first.password === "" ? { token: decoded(first.username) } : { user: decoded(first.username), password: decoded(first.password) };
  const given = user !== undefined ? { user, ...(password === undefined ? {} : { password }) } : token !== undefined ? { token } : inUrl;
  const servers = parsed.map((each) => `${each.hostname}:${each.port === "" ? "4222" : each.port}`);
  const tls = parsed.some((each) => each.protocol === "tls:");
  return { servers, shown: servers.map((server) => `${tls ? "tls" : "nats"}://${server}`).join(","), tls, ...given };
}

function parseServer(text: string): URL {
  const url = text.includes("://") ? text : `nats://${text}`;
  if (!URL.canParse(url)) throw new UsageError(`${withoutSecrets(text)} is no NATS url; it looks like nats://host:4222 or tls://user:password@host:4222 (characters such as @ / : # in a password written as %40 %2F %3A %23)`);
  const parsed = new URL(url);
  if (parsed.protocol !== "nats:" && parsed.protocol !== "tls:") throw new UsageError(`${withoutSecrets(text)} is no NATS url: it must start with nats:// or tls://`);
  if (parsed.hostname === "") throw new UsageError(`${withoutSecrets(text)} names no host`);
  return parsed;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutSecrets(text: string): string {
  return JSON.stringify(text.replace(/(^|\/\/).*@/, "$1***@"));
}

/** Each user gets an inbox of its own, so that no role can read the replies to another. */
export function inboxPrefixOf(user: string | undefined): string {
  return user === undefined ? "_INBOX" : `_INBOX.${user.replace(/[^A-Za-z0-9_-]/g, "_")}`;
}

/** What an operator should hear of a server that asks for no password and can be reached from other machines. */
export function openServerWarning({ servers, shown }: NatsAddress, asksForPassword: boolean): string | undefined {
  const local = servers.every((server) => /^(127\.[0-9.]+|localhost|\[::1\]):\d+$/.test(server));
  if (asksForPassword || local) return undefined;
  return `The NATS server at ${shown} asks for no password: whoever reaches it can run code on every worker. millrace nats-config writes a configuration that does ask`;
}
