/** The ways to authenticate beside user and password, each against a server that asks for it. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { nkeys } from "nats";
import { NatsServers } from "../testing/nats-servers.js";
import { makeCertificates } from "./self-made-certificates.js";
import { ConnectError, NoReplyError, type Transport } from "./transport.js";

type KeyPair = ReturnType<typeof nkeys.createUser>;

const found = await NatsServers.find();
const natsTest = found === undefined ? test.skip : test.serial;
const servers = found!;
test.after.always(() => found?.close());

function written(name: string, text: string): string {
  const path = join(servers.folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** An answer from the server: nobody serves this. */
async function works(transport: Transport): Promise<boolean> {
  return transport.request("nobody", new Uint8Array(0), 10_000).then(
    () => false,
    (error) => error instanceof NoReplyError && error.message.includes("nobody serves it"),
  );
}

natsTest("a token, in the url or beside it", async (t) => {
  const { url } = await servers.start({ config: written("token.conf", 'authorization { token: "t0ken" }') });
  t.true(await works(await servers.connect({ url, token: "t0ken" })));
  t.true(await works(await servers.connect({ url: url.replace("//", "//t0ken@") })));
  await t.throwsAsync(servers.connect({ url, token: "other" }), { instanceOf: ConnectError, message: /refused test/ });
});

natsTest("an nkey from a file", async (t) => {
  const [pair, other] = [nkeys.createUser(), nkeys.createUser()];
  const { url } = await servers.start({ config: written("nkey.conf", `authorization { users: [ { nkey: ${pair.getPublicKey()} } ] }`) });
  const [seed, wrong] = [pair, other].map((each, i) => written(`seed-${i}.nk`, `${Buffer.from(each.getSeed()).toString()}\n`));
  t.true(await works(await servers.connect({ url, nkey: seed! })));
  await t.throwsAsync(servers.connect({ url, nkey: wrong! }), { instanceOf: ConnectError, message: /refused test/ });
  await t.throwsAsync(servers.connect({ url, nkey: join(servers.folder, "none.nk") }), { instanceOf: ConnectError, message: /cannot be read: .*none\.nk/ });
  await t.throwsAsync(servers.connect({ url, nkey: written("junk.nk", "junk") }), { instanceOf: ConnectError, message: /junk\.nk holds no nkey seed/ });
});

/** A claim of NATS' decentralized authentication, signed by who vouches for it. */
function claim(type: "operator" | "account" | "user", subject: KeyPair, issuer: KeyPair, nats: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part({ jti: type, iat: 1_700_000_000, iss: issuer.getPublicKey(), name: type, sub: subject.getPublicKey(), nats: { ...nats, type, version: 2 } })}`;
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString("base64url")}`;
}

function credentials(jwt: string, user: KeyPair): string {
  return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${Buffer.from(user.getSeed()).toString()}\n------END USER NKEY SEED------\n`;
}

natsTest("a credentials file, of a server that knows its operator and the account; one of another account is refused", async (t) => {
  const [operator, account, user, stranger] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser(), nkeys.createAccount()];
  const noLimits = { subs: -1, data: -1, payload: -1 };
  const accountJwt = claim("account", account, operator, { limits: { ...noLimits, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 } });
  const { url } = await servers.start({ config: written("operator.conf", `operator: ${claim("operator", operator, operator, {})}\nresolver: MEMORY\nresolver_preload: { ${account.getPublicKey()}: ${accountJwt} }`) });
  const file = (name: string, issuer: KeyPair): string => written(name, credentials(claim("user", user, issuer, { ...noLimits, pub: {}, sub: {} }), user));
  t.true(await works(await servers.connect({ url, credentials: file("user.creds", account) })));
  await t.throwsAsync(servers.connect({ url, credentials: file("strange.creds", stranger) }), { instanceOf: ConnectError, message: /refused test/ });
  await t.throwsAsync(servers.connect({ url, credentials: join(servers.folder, "none.creds") }), { instanceOf: ConnectError, message: /cannot be read: .*none\.creds/ });
  const junk = await t.throwsAsync(servers.connect({ url, credentials: written("junk.creds", "junk") }), { instanceOf: ConnectError });
  t.regex(junk!.message, /junk\.creds holds no credentials/);
});

natsTest("a certificate of one's own, where the server asks for one", async (t) => {
  const folder = join(servers.folder, "certificates");
  mkdirSync(folder);
  const { caFile, certFile, keyFile } = await makeCertificates(folder, ["127.0.0.1"]);
  const openssl = (...args: string[]): Promise<unknown> => promisify(execFile)("openssl", args, { cwd: folder });
  writeFileSync(join(folder, "client.ext"), "extendedKeyUsage=clientAuth\n");
  await openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "client-key.pem", "-out", "client.csr", "-subj", "/CN=worker");
  await openssl("x509", "-req", "-in", "client.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-out", "client.pem", "-extfile", "client.ext", "-days", "2");
  const { port } = await servers.start({ config: written("mutual.conf", `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}", verify: true }`) });
  const url = `tls://127.0.0.1:${port}`;
  const own = { certFile: join(folder, "client.pem"), keyFile: join(folder, "client-key.pem") };
  t.true(await works(await servers.connect({ url, caFile, ...own })));
  await t.throwsAsync(servers.connect({ url, caFile, connectWithin: 600 }), { instanceOf: ConnectError });
});
