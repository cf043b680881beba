/**
 * A nats-server of our own: found on this machine, started as a child on a loopback port, and gone when we are.
 * `millrace up` and the tests use it; a real cluster has its servers elsewhere.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { MillraceError } from "../errors.js";

export class NatsServerError extends MillraceError {
  readonly code = "NATS_SERVER";
}

export const INSTALL_NATS_SERVER = `nats-server was not found in $NATS_SERVER_BIN, PATH or the usual folders. Install it with one of:
  apt-get install nats-server                                (Debian, Ubuntu)
  brew install nats-server                                   (macOS)
  docker run --rm -p 127.0.0.1:4222:4222 nats:2 -js          (then pass --nats nats://127.0.0.1:4222)
or set NATS_SERVER_BIN to the path of a nats-server.`;

/** Debian's /usr/sbin is not on the PATH of ordinary users. */
const USUAL_FOLDERS: readonly string[] = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"];

/** The path of a nats-server. Throws NatsServerError when NATS_SERVER_BIN names none. */
export function findNatsServer(env: NodeJS.ProcessEnv, usualFolders = USUAL_FOLDERS): string | undefined {
  const named = env["NATS_SERVER_BIN"];
  if (named !== undefined && named !== "") {
    if (isExecutable(named)) return named;
    throw new NatsServerError(`NATS_SERVER_BIN is ${named}, which is no program that can be run`);
  }
  const onPath = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...onPath, ...usualFolders].map((folder) => join(folder, "nats-server")).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export interface NatsServerOptions {
  readonly binary: string;
  /** For JetStream and the server's notes; the same folder again has the same streams. */
  readonly folder: string;
  /** Default: any free port. */
  readonly port?: number;
  /** Address to listen on, whatever a configuration says. Default: that of loopback. */
  readonly host?: string;
  /** A configuration file. It decides on JetStream. */
  readonly config?: string;
  /** Without a configuration file. Default true. */
  readonly jetstream?: boolean;
}

/**
 * Kills the server when the pipe to us closes, however we end: SIGKILL runs no handlers. `$@` is the server's command.
 * The server's own exit ends the shell, so the guard kills only while the shell still waits.
 */
const GUARD = 'exec 3<&0; "$@" 3<&- & server=$!; { cat <&3 >/dev/null; kill -0 $$ 2>/dev/null && kill -9 $server; } 2>/dev/null & wait $server';
const START_WITHIN = 10_000;
const STOP_WITHIN = 5_000;

export class NatsServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #notes: string;
  #over = false;

  private constructor(host: string, port: number, pid: number, ended: Promise<void>, notes: string) {
    this.host = host;
    this.port = port;
    this.pid = pid;
    this.#notes = notes;
    this.ended = ended.then(() => void (this.#over = true));
  }

  get url(): string {
    return `nats://${this.host}:${this.port}`;
  }

  static async start({ binary, folder, host = "127.0.0.1", port, config, jetstream = true }: NatsServerOptions): Promise<NatsServer> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const notes = mkdtempSync(join(folder, "ports-"));
    const settings = config !== undefined ? ["-c", config] : jetstream ? ["-js", "-sd", join(folder, "jetstream")] : [];
    const args = ["-a", host, "-p", String(port ?? -1), "--ports_file_dir", notes, ...settings];
    // In a process group of its own: Ctrl-C in a terminal is for us, who stop the server last.
    const child = spawn("/bin/sh", ["-c", GUARD, "sh", binary, ...args], { stdio: ["pipe", "ignore", "pipe"], detached: true });
    const said = lastWords(child);
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    void ended.then(() => child.stdin!.destroy());
    try {
      const { pid, url } = await ready(child, notes);
      return new NatsServer(host, Number(new URL(url).port), pid, ended, notes);
    } catch (error) {
      child.stdin!.destroy();
      await ended;
      await rm(notes, { recursive: true, force: true });
      throw new NatsServerError(`${binary}${config === undefined ? "" : ` with ${config}`} did not start: ${said() || (error as Error).message}`);
    }
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Ends it in order; its folder stays. */
  async close(): Promise<void> {
    this.#signal("SIGTERM");
    await Promise.race([this.ended, wait(STOP_WITHIN, undefined, { ref: false }).then(() => this.kill())]);
    await this.ended;
    await rm(this.#notes, { recursive: true, force: true });
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.ended;
  }

  /** Not once it has ended: its pid may be another's by then. */
  #signal(name: NodeJS.Signals): void {
    if (this.#over) return;
    try {
      process.kill(this.pid, name);
    } catch {
      // It is ending.
    }
  }
}

async function ready(child: ChildProcess, notes: string): Promise<{ pid: number; url: string }> {
  for (const deadline = performance.now() + START_WITHIN; performance.now() < deadline; await wait(5)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    const found = readNote(notes);
    if (found !== undefined) return found;
  }
  throw new Error(`it was not ready within ${START_WITHIN} ms`);
}

/** The server notes its ports in nats-server_<pid>.ports; its name may be another when the binary's is. */
function readNote(notes: string): { pid: number; url: string } | undefined {
  const name = readdirSync(notes).find((each) => each.endsWith(".ports"));
  const pid = name === undefined ? undefined : /_(\d+)\.ports$/.exec(name)?.[1];
  if (name === undefined || pid === undefined) return undefined;
  const text = readFileSync(join(notes, name), "utf8");
  try {
    const url = (JSON.parse(text) as { nats: string[] }).nats[0];
    return url === undefined ? undefined : { pid: Number(pid), url };
  } catch {
    // Half written.
    return undefined;
  }
}

/** Reads what the server says, for else it would block; remembers the end of it. */
function lastWords(child: ChildProcess): () => string {
  let text = "";
  child.stderr!.on("data", (chunk: Buffer) => (text = (text + chunk.toString()).slice(-4000)));
  return () =>
    text
      .split("\n")
      .filter((line) => /\[(FTL|ERR)\]|^nats-server:/.test(line))
      .map((line) => line.replace(/^\[\d+\] \S+ \S+ /, ""))
      .join("; ");
}
