/**
 * The nats-servers of a test's cluster: one, or three that keep copies of each other's streams. They can be killed and
 * started again on the same ports.
 */
import { randomInt } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { blobBucket } from "../transport/nats-blobs.js";
import { NatsServer, type NatsServerOptions } from "../transport/nats-server.js";

export interface TestNatsOptions {
  readonly binary: string;
  readonly folder: string;
  /** Address to listen on. Default: that of loopback. */
  readonly host?: string | undefined;
  readonly servers?: 1 | 3;
}

interface Place {
  readonly options: NatsServerOptions;
  readonly monitor: string;
}

export class TestNats {
  readonly #folder: string;
  readonly #places: readonly Place[];
  readonly #servers: (NatsServer | undefined)[] = [];

  private constructor(folder: string, places: readonly Place[]) {
    this.#folder = folder;
    this.#places = places;
  }

  static async start({ binary, folder, host = "127.0.0.1", servers = 1 }: TestNatsOptions): Promise<TestNats> {
    const names = Array.from({ length: servers }, (_, i) => `nats${i + 1}`);
    const routes = await Promise.all(names.map(() => freePort()));
    const places = await Promise.all(
      names.map(async (name, i): Promise<Place> => {
        const monitor = `127.0.0.1:${await freePort()}`;
        const own = join(folder, name);
        mkdirSync(own, { recursive: true });
        const config = join(own, "nats.conf");
        const lines = [`http: "${monitor}"`, `jetstream { store_dir: "${storeOf(folder, name)}" }`];
        if (servers > 1) lines.push(`server_name: ${name}`, `cluster { name: test, listen: "127.0.0.1:${routes[i]}", routes: [${routes.map((port) => `"nats://127.0.0.1:${port}"`).join(", ")}] }`);
        writeFileSync(config, `${lines.join("\n")}\n`);
        return { monitor, options: { binary, folder: own, host, port: await freePort(), config } };
      }),
    );
    const nats = new TestNats(folder, places);
    try {
      await nats.revive();
    } catch (error) {
      await nats.close();
      throw error;
    }
    return nats;
  }

  /** Of all servers. */
  get url(): string {
    return this.#places.map(({ options: { host, port } }) => `nats://${host}:${port}`).join(",");
  }

  /** Numbers of the servers, from 0. */
  get all(): number[] {
    return this.#places.map((_, i) => i);
  }

  /** Ends servers as a crash would. */
  async kill(which: readonly number[] = this.all): Promise<void> {
    await Promise.all(which.map((i) => this.#servers[i]!.kill()));
  }

  /** Starts servers that were killed. */
  async revive(which: readonly number[] = this.all): Promise<void> {
    const starts = await Promise.allSettled(which.map(async (i) => void (this.#servers[i] = await NatsServer.start(this.#places[i]!.options))));
    for (const start of starts) if (start.status === "rejected") throw start.reason;
  }

  /** Removes what servers that were killed had stored. */
  wipe(): void {
    rmSync(join(this.#folder, "jetstream"), { recursive: true, force: true });
  }

  /** The server that leads the stream of bundles, which all others have, too; undefined while there is none. */
  async leader(cluster = "default"): Promise<number | undefined> {
    const answers = await this.#ask("jsz?streams=1");
    const stream = answers.flatMap((answer) => (answer as JetStreamReport).account_details ?? []).flatMap(({ stream_detail: details = [] }) => details).find(({ name, cluster: group }) => name === `OBJ_${blobBucket(cluster)}` && group?.leader !== undefined && group.replicas?.length === this.#places.length - 1);
    const number = Number(/^nats(\d)$/.exec(stream?.cluster?.leader ?? "")?.[1]) - 1;
    return Number.isNaN(number) ? undefined : number;
  }

  /** Subscriptions that the servers hold for clients of Millrace, by client and subject, sorted. */
  async subscriptions(): Promise<string[]> {
    const answers = await this.#ask("connz?subs=1&limit=1000");
    const connections = answers.flatMap((answer) => (answer as ConnectionReport).connections);
    return connections.flatMap(({ name = "", subscriptions_list: list = [] }) => list.filter((subject) => !subject.startsWith("_INBOX")).map((subject) => `${name} ${subject}`)).sort();
  }

  /** What JetStream holds. */
  async stored(): Promise<{ readonly streams: number; readonly consumers: number; readonly messages: number }> {
    const [answer] = await this.#ask("jsz");
    const { streams = 0, consumers = 0, messages = 0 } = answer as { streams?: number; consumers?: number; messages?: number };
    return { streams, consumers, messages };
  }

  /** The monitors of all servers that run. */
  async #ask(what: string): Promise<unknown[]> {
    const running = this.#places.filter((_, i) => !this.#servers[i]!.isOver);
    return Promise.all(running.map(async ({ monitor }) => (await fetch(`http://${monitor}/${what}`)).json()));
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server?.close();
  }
}

interface JetStreamReport {
  readonly account_details?: readonly { readonly stream_detail?: readonly { readonly name: string; readonly cluster?: { readonly leader?: string; readonly replicas?: readonly unknown[] } }[] }[];
}

interface ConnectionReport {
  readonly connections: readonly { readonly name?: string; readonly subscriptions_list?: readonly string[] }[];
}

function storeOf(folder: string, name: string): string {
  return join(folder, "jetstream", name);
}

/**
 * A port that nobody listens on. Below those that the system gives to connections (32,768 on), for a server that is started
 * again must find its port free.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true)));
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
