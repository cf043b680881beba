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
