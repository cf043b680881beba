/** Certificates for a cluster that has no authority to ask: one made here, and a server certificate signed by it. */
import { execFile } from "node:child_process";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorText, UsageError } from "../errors.js";

const run = promisify(execFile);
const VALID_DAYS = "825";

export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Writes ca.pem, ca-key.pem, server.pem and server-key.pem into `folder`, for a server that is reached by `hosts`. */
export async function makeCertificates(folder: string, hosts: readonly string[]): Promise<Certificates> {
  const path = (name: string): string => join(folder, name);
  const openssl = async (...args: string[]): Promise<void> => {
    try {
      await run("openssl", args, { cwd: folder, timeout: 60_000 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new UsageError("--tls needs openssl, which was not found. Install it, or give a certificate by --cert, --key and --ca");
      throw new UsageError(`openssl could not make the certificates: ${(error as { stderr?: string }).stderr?.trim() || errorText(error)}`);
    }
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const request = path("server.csr");
  const extensions = path("server.ext");
  const names = hosts.map((host) => `${isIP(host) === 0 ? "DNS" : "IP"}:${host}`).join(",");
  await writeFile(extensions, `subjectAltName=${names}\nbasicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n`, { mode: 0o600 });
  try {
    await openssl("req", "-x509", ...newKey, "-keyout", path("ca-key.pem"), "-out", path("ca.pem"), "-days", VALID_DAYS, "-subj", "/CN=Millrace cluster authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign");
    await openssl("req", ...newKey, "-keyout", path("server-key.pem"), "-out", request, "-subj", "/CN=Millrace nats-server");
    await openssl("x509", "-req", "-in", request, "-CA", path("ca.pem"), "-CAkey", path("ca-key.pem"), "-CAcreateserial", "-out", path("server.pem"), "-days", VALID_DAYS, "-extfile", extensions);
    for (const name of ["ca.pem", "ca-key.pem", "server.pem", "server-key.pem"]) await chmod(path(name), 0o600);
  } finally {
    for (const name of [request, extensions, path("ca.srl")]) await rm(name, { force: true });
  }
  return { caFile: path("ca.pem"), certFile: path("server.pem"), keyFile: path("server-key.pem") };
}
