/** What went wrong with NATS, in words that say what to do. The client library's messages are mostly bare codes. */
import { ConnectError } from "./transport.js";

interface NatsProblem {
  readonly message: string;
  readonly code: string;
  readonly chainedError?: unknown;
}

/** Why a connection failed; `permanent` when trying again cannot help. */
export function connectProblem(thrown: unknown, shown: string, who: string): { readonly error: ConnectError; readonly permanent: boolean } {
  const { code, message, cause } = problemOf(thrown);
  const permanent = (text: string): { error: ConnectError; permanent: true } => ({ error: new ConnectError(text, { cause: thrown }), permanent: true });
  const passing = (text: string): { error: ConnectError; permanent: false } => ({ error: new ConnectError(text, { cause: thrown }), permanent: false });
  if (/AUTHORIZATION_VIOLATION|BAD_AUTHENTICATION|AUTHENTICATION_EXPIRED|ACCOUNT_EXPIRED|BAD_CREDS/.test(code) || /authorization violation/i.test(message)) {
    return permanent(`The NATS server at ${shown} refused ${who}: the user or password (or token, nkey, credentials file) is wrong or missing. Give them in the url, as nats://user:password@host:port, or by the options for users and files`);
  }
  switch (code) {
    case "CONNECTION_REFUSED":
    case "ECONNREFUSED":
      // The library's name for a connection that ends without an error, too.
      if (cause instanceof Error && !/ECONNREFUSED/.test(`${(cause as NodeJS.ErrnoException).code} ${cause.message}`)) return passing(`What listens at ${shown} closed the connection before it said that it is a NATS server`);
      return passing(`Nothing listens at ${shown}. Start a server with: nats-server -js, or everything on this machine with: millrace up`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return passing(`The host of ${shown} is not known (${message})`);
    case "CONNECTION_TIMEOUT":
    case "TIMEOUT":
    case "ETIMEDOUT":
      return passing(`${shown} does not answer: is it the address of a NATS server that can be reached from here?`);
    case "SERVER_OPT_NA":
      return permanent(`The NATS server at ${shown} does not offer ${message === "tls" ? "TLS: use nats:// instead of tls://, or give the server a certificate" : message}`);
    case "ENOENT":
      return permanent(`A file for connecting to ${shown} cannot be read: ${message}`);
  }
  if (/certificate|self.signed|altname|unable to verify|ssl|tls/i.test(`${code} ${message}`)) {
    return permanent(`The TLS connection to ${shown} failed: ${message}. The certificate must be for this host name and signed by an authority that is trusted here: give its file as CA file`);
  }
  if (/doesn't exist|no such file/i.test(message)) return permanent(`A file for connecting to ${shown} cannot be read: ${message}`);
  if (/unexpected response/.test(message)) return permanent(`What listens at ${shown} is no NATS server (${message})`);
  return passing(`Cannot connect to NATS at ${shown}: ${message === "" ? code : message}`);
}

/** The library wraps what Node or TLS said. */
function problemOf(thrown: unknown): { readonly code: string; readonly message: string; readonly cause?: unknown } {
  if (!(thrown instanceof Error)) return { code: "", message: thrown === undefined ? "the connection was closed at once" : String(thrown) };
  const { code, chainedError } = thrown as Error & Partial<NatsProblem>;
  if (code === "TLS" && chainedError instanceof Error) return { code, message: chainedError.message };
  return { code: code ?? "", message: thrown.message, cause: chainedError };
}
