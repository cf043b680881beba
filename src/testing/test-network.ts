/**
 * A network of a test's own: each place is a network namespace with an address, all hang on one switch, and the way from one
 * place to another can be cut in one direction: frames then go to a hardware address that nobody has, and are lost without
 * a sign, as on a broken line. Linux, as root.
 *
 * A namespace lives as long as the process that keeps it, which ends when its pipe from us closes: nothing is left over,
 * however we end.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where the test process is, and all that was put nowhere else. */
export const HOME = "home";
const NOBODY = "02:00:00:00:00:01";
const SUBNETS = 256;

interface Place {
  readonly address: string;
  readonly device: string;
  /** Runs a program there, when put before its command. */
  readonly enter: readonly string[];
}

interface Namespace {
  readonly pid: number;
  readonly enter: readonly string[];
  readonly close: () => Promise<void>;
}

export class TestNetwork {
  readonly #switch: Namespace;
  readonly #namespaces: Namespace[] = [];
  readonly #places = new Map<string, Place>();
  readonly #cuts: (readonly [from: Place, to: Place])[] = [];

  private constructor(hub: Namespace) {
    this.#switch = hub;
    this.#namespaces.push(hub);
  }

  /** Undefined where none can be made: skip, and say so. */
  static async make(): Promise<TestNetwork | undefined> {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
    const network = new TestNetwork(await makeNamespace());
    try {
      await network.#begin();
      return network;
    } catch (error) {
      await network.close();
      process.stderr.write(`*** SKIPPED: no network of namespaces can be made here: ${(error as Error).message.trim()}\n`);
      return undefined;
    }
  }

  /** Makes a place, unless it is known. */
  async place(name: string): Promise<Place> {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const port = this.#places.size;
    const namespace = await makeNamespace();
    this.#namespaces.push(namespace);
    const place = { address: this.#places.get(HOME)!.address.replace(/\d+$/, String(1 + port)), device: "eth0", enter: namespace.enter };
    this.#places.set(name, place);
    await this.#plug(`eth0`, port, ["netns", String(namespace.pid)]);
    await bringUp(place);
    return place;
  }

  /** Nothing that one place sends reaches the other any more; the way back stays. */
  async cut(from: string, to: string): Promise<void> {
    const [sender, receiver] = [await this.place(from), await this.place(to)];
    this.#cuts.push([sender, receiver]);
    await runAt(sender, "ip", "neigh", "replace", receiver.address, "lladdr", NOBODY, "dev", sender.device, "nud", "permanent");
  }

  /** All ways are open again. */
  async heal(): Promise<void> {
    for (const [from, to] of this.#cuts.splice(0)) await runAt(from, "ip", "neigh", "del", to.address, "dev", from.device);
  }

  async close(): Promise<void> {
    await Promise.all(this.#namespaces.map((namespace) => namespace.close()));
  }

  async #begin(): Promise<void> {
    await runAt(this.#switch, "ip", "link", "add", "switch", "type", "bridge");
    await runAt(this.#switch, "ip", "link", "set", "switch", "up");
    // The name of our own end is also a lock on the subnet of its number.
    for (let i = 0; ; i++) {
      const number = (process.pid + i) % SUBNETS;
      const home = { address: `198.18.${number}.1`, device: `millrace${number}`, enter: [] };
      try {
        await this.#plug(home.device, 0);
      } catch (error) {
        if (i < SUBNETS && /File exists/.test((error as Error).message)) continue;
        throw error;
      }
      this.#places.set(HOME, home);
      return bringUp(home);
    }
  }

  /** A line from a device, which it makes, to a port of the switch. */
  async #plug(device: string, port: number, where: readonly string[] = []): Promise<void> {
    await run("ip", ["link", "add", device, ...where, "type", "veth", "peer", "name", `port${port}`, "netns", String(this.#switch.pid)]);
    await runAt(this.#switch, "ip", "link", "set", `port${port}`, "master", "switch", "up");
  }
}

async function makeNamespace(): Promise<Namespace> {
  const keeper = spawn("unshare", ["--net", "sh", "-c", "echo; exec cat"], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const closed = once(keeper, "close");
  // It speaks once it is in its namespace.
  await Promise.race([once(keeper.stdout, "data"), closed.then(() => Promise.reject(new Error("unshare --net failed")))]);
  const close = async (): Promise<void> => {
    keeper.stdin.end();
    await closed;
  };
  return { pid: keeper.pid!, enter: ["nsenter", `--net=/proc/${keeper.pid}/ns/net`], close };
}

async function bringUp(place: Place): Promise<void> {
  if (place.enter.length > 0) await runAt(place, "ip", "link", "set", "lo", "up");
  await runAt(place, "ip", "address", "add", `${place.address}/24`, "dev", place.device);
  await runAt(place, "ip", "link", "set", place.device, "up");
}

async function runAt({ enter }: Pick<Place, "enter">, ...command: readonly string[]): Promise<void> {
  const [program, ...args] = [...enter, ...command];
  await run(program!, args);
}
