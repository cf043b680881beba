/**
 * A TCP proxy in front of a real server that breaks what comes back, by connection: passes it, cuts the
 * connection after some bytes, goes silent after some bytes (the connection stays half open), or flips a bit.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Bytes are counted from the start of what the server sends on the connection, headers included. */
export type Fault = { readonly type: "none" } | { readonly type: "cut" | "stall" | "flip"; readonly at: number };

export class FaultyProxy {
  readonly address: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `faultOf`: what befalls the connection of this number, counted from 0. */
  static async start(upstream: string, faultOf: (connection: number) => Fault): Promise<FaultyProxy> {
    const port = Number(upstream.slice(upstream.lastIndexOf(":") + 1));
    const sockets = new Set<Socket>();
    let connections = 0;
    const server = createServer((client) => {
      const fault = faultOf(connections++);
      const behind = connect(port, "127.0.0.1");
      for (const [socket, other] of [[client, behind], [behind, client]] as const) {
        sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          sockets.delete(socket);
          if (fault.type !== "stall") other.destroy();
        });
      }
      client.pipe(behind);
      let passed = 0;
      behind.on("data", (bytes: Buffer) => {
        passBack(client, bytes, passed, fault);
        passed += bytes.length;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FaultyProxy(server, sockets);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** `passed`: bytes that the server sent before these. */
function passBack(client: Socket, bytes: Buffer, passed: number, fault: Fault): void {
  if (fault.type === "none" || passed + bytes.length <= fault.at) return void client.write(bytes);
  const at = Math.max(0, fault.at - passed);
  switch (fault.type) {
    case "flip": {
      const changed = Buffer.from(bytes);
      if (fault.at >= passed) changed[at]! ^= 16;
      return void client.write(changed);
    }
    case "cut":
      return void client.write(bytes.subarray(0, at), () => client.destroy());
    case "stall":
      if (fault.at >= passed) client.write(bytes.subarray(0, at));
  }
}
