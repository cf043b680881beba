/** Servers and connections of one test file; all end with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNats, type NatsTransport } from "../transport/nats.js";
import type { NatsOptions } from "../transport/nats-options.js";
import { NatsServer, type NatsServerOptions } from "../transport/nats-server.js";
import { natsServerForTests } from "./nats-server-for-tests.js";

export class NatsServers {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-nats-test-"));
  readonly #binary: string;
  readonly #servers: NatsServer[] = [];
  readonly #transports: NatsTransport[] = [];
  #started = 0;

  private constructor(binary: string) {
    this.#binary = binary;
  }

  /** Undefined where there is no nats-server: skip. */
  static async find(): Promise<NatsServers | undefined> {
    const binary = await natsServerForTests();
    return binary === undefined ? undefined : new NatsServers(binary);
  }

  async start(options: Partial<NatsServerOptions> = {}): Promise<NatsServer> {
    const folder = options.folder ?? join(this.folder, String(this.#started++));
    const server = await NatsServer.start({ binary: this.#binary, ...options, folder });
    this.#servers.push(server);
    return server;
  }

  async connect(options: Partial<NatsOptions> & { readonly url: string }): Promise<NatsTransport> {
    const transport = await connectNats({ name: "test", cluster: "test", connectWithin: 60_000, ...options });
    this.#transports.push(transport);
    return transport;
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
    await Promise.all(this.#servers.map((server) => server.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
