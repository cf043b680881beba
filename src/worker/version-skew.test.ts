/** A worker of another build is refused when it joins, and says why; nobody waits for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { encode } from "../protocol/codec.js";
import { PROTOCOL_VERSION } from "../protocol/messages.js";
import { workerId } from "../model/ids.js";
import { ClusterInProcess } from "../testing/cluster-in-process.js";
import { VERSION } from "../version.js";
import { Worker } from "./worker.js";

const folder = mkdtempSync(join(tmpdir(), "millrace-skew-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

type Join = { readonly type: string } & Record<string, unknown>;
const builds: Readonly<Record<string, { readonly alter: (join: Join) => Join; readonly reason: RegExp }>> = {
  "a later protocol": {
    alter: (join) => ({ ...join, protocol: PROTOCOL_VERSION + 1 }),
    reason: new RegExp(`speaks protocol ${PROTOCOL_VERSION + 1}, this coordinator ${PROTOCOL_VERSION}; run the same version of millrace on all machines`),
  },
  "a later protocol, whose join has another form": {
    alter: (join) => ({ ...join, protocol: PROTOCOL_VERSION + 1, capabilities: ["new"] }),
    reason: /The coordinator, millrace \S+, cannot read this: .*Run the same version on all machines/,
  },
  "an earlier protocol, which knew no nodes": {
    alter: ({ node: _, ...join }) => ({ ...join, protocol: PROTOCOL_VERSION - 1 }) as unknown as Join,
    reason: /cannot read this: Not a valid message: .* at node\. Run the same version on all machines/,
  },
  "another version with the same protocol": {
    alter: (join) => ({ ...join, version: `${VERSION}-other` }),
    reason: new RegExp(`is millrace ${VERSION}-other, this coordinator ${VERSION}; run the same version on all machines`),
  },
};

for (const [build, { alter, reason }] of Object.entries(builds)) {
  test.serial(`a worker of ${build} is refused`, async (t) => {
    const cluster = new ClusterInProcess(folder);
    const { transport, subjects } = cluster;
    let joins = 0;
    const request = transport.request.bind(transport);
    transport.request = (subject, payload, timeout) => {
      const message = JSON.parse(Buffer.from(payload).toString()) as Join;
      if (message.type !== "worker-joined") return request(subject, payload, timeout);
      joins++;
      return request(subject, encode(alter(message)), timeout);
    };
    try {
      await cluster.startCoordinator();
      const end = new Promise<string>((resolve) => {
        const worker = new Worker({
          id: workerId("other"), slots: 1, transport, subjects, host: "test", folder: join(cluster.folder, "other"), publishOutput: false, onOutput: () => {},
          bundleFile: () => "", heartbeatEvery: 10, leaseMillis: 10_000, onEnd: resolve, onJoined: () => t.fail("it was taken"),
        });
        t.teardown(() => worker.close());
        void worker.start();
      });
      const said = await end;
      t.regex(said, /^the coordinator does not take this worker: /);
      t.regex(said, reason);
      t.is(joins, 1, "it does not try again");
    } finally {
      await cluster.close();
    }
  });
}
