import { said, type Strike } from "./strike.js";
import { PAST_THE_LEASE, type Scene } from "./scene.js";

/** Of three nats-servers that replicate. */
export const STRIKES_ON_NATS_CLUSTER: Readonly<Record<string, Strike>> = {
  "NATS cluster: leader killed": async (scene) => {
    await scene.cluster.nats.kill([await leader(scene)]);
  },
  "NATS cluster: leader killed, started again": async (scene) => {
    const first = await leader(scene);
    await scene.cluster.nats.kill([first]);
    await scene.cluster.until("another leads", () => scene.cluster.nats.leader(), (now) => now !== undefined && now !== first);
    await scene.cluster.nats.revive([first]);
  },
  "NATS cluster: majority away past the lease": async (scene) => {
    const { nats } = scene.cluster;
    const first = await leader(scene);
    const lost = [first, nats.all.find((i) => i !== first)!];
    await nats.kill(lost);
    scene.openGates();
    await scene.wait(PAST_THE_LEASE);
    await nats.revive(lost);
  },
  "NATS cluster: all killed one after the other": async (scene) => {
    const { nats } = scene.cluster;
    for (const i of nats.all) {
      await nats.kill([i]);
      await nats.revive([i]);
    }
    return said(scene.coordinator, /lost the connection/);
  },
};

async function leader({ cluster }: Scene): Promise<number> {
  return (await cluster.until("the store of bundles has a leader", () => cluster.nats.leader(), (found) => found !== undefined))!;
}
