/** What may happen to a cluster at any moment of a job. Each strike also does what an operator would: start anew what died. */
import { closeSync, copyFileSync, openSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { PAST_THE_LEASE, type Scene } from "./scene.js";

export type Strike = (scene: Scene) => Promise<unknown> | void;

export const STRIKES: Readonly<Record<string, Strike>> = {
  "nothing": () => {},
  "worker killed": async (scene) => scene.victim().kill(),
  "worker killed, started again": async (scene) => {
    await scene.victim().kill();
    await scene.startWorker();
  },
  "all workers killed, new ones come": async (scene) => {
    await Promise.all(scene.liveWorkers.map((worker) => worker.kill()));
    for (let i = 0; i < 3; i++) await scene.startWorker();
  },
  "worker frozen past its lease": async (scene) => {
    const worker = scene.victim();
    worker.signal("SIGSTOP");
    scene.openGates();
    await scene.wait(PAST_THE_LEASE);
    worker.signal("SIGCONT");
  },
  "worker frozen for a moment": async (scene) => {
    const worker = scene.victim();
    worker.signal("SIGSTOP");
    await scene.wait(700);
    worker.signal("SIGCONT");
  },
  "worker drained": (scene) => scene.victim().signal("SIGTERM"),
  "worker told to end at once": (scene) => scene.victim().signal("SIGINT"),
  "worker flaps": async (scene) => {
    const { name } = scene.victim();
    for (let i = 0; i < 3; i++) {
      await scene.workers.get(name)!.kill();
      await scene.startWorker({ name });
      await scene.wait(600);
    }
  },
  "executor killed": (scene) => kill(scene.executors().slice(0, 1)),
  "all executors killed": (scene) => kill(scene.executors()),
  "coordinator killed": async (scene) => {
    await scene.coordinator.kill();
    await scene.startCoordinator();
  },
  "coordinator away past the lease": async (scene) => {
    await scene.coordinator.kill();
    scene.openGates();
    await scene.wait(PAST_THE_LEASE);
    await scene.startCoordinator();
  },
  "coordinator frozen past the lease": async (scene) => {
    scene.coordinator.signal("SIGSTOP");
    scene.openGates();
    await scene.wait(PAST_THE_LEASE);
    scene.coordinator.signal("SIGCONT");
  },
  "coordinator frozen, replaced, wakes up": async (scene) => {
    const old = scene.coordinator;
    old.signal("SIGSTOP");
    await scene.startCoordinator(["--takeover"]);
    old.signal("SIGCONT");
    await old.ended;
  },
  "coordinator and a worker killed": async (scene) => {
    await Promise.all([scene.coordinator.kill(), scene.victim().kill()]);
    await scene.startCoordinator();
    await scene.startWorker();
  },
  "nats-server killed": async (scene) => scene.cluster.restartNats(),
  "nats-server away past the lease": async (scene) =>
    scene.cluster.restartNats({
      between: async () => {
        scene.openGates();
        await scene.wait(PAST_THE_LEASE);
      },
    }),
  "nats-server killed and wiped": async (scene) => scene.cluster.restartNats({ wipe: true }),
  "all killed, all started again": async (scene) => {
    const { coordinator, liveWorkers } = scene;
    await scene.cluster.restartNats({ between: async () => void (await Promise.all([coordinator, ...liveWorkers].map((member) => member.kill()))) });
    await scene.startCoordinator();
    for (let i = 0; i < 3; i++) await scene.startWorker();
  },
  "blocks: a bit flipped": (scene) => {
    for (const file of half(scene, scene.blockFiles("data"))) flipBit(file, scene.random.between(0, statSync(file).size - 1));
  },
  "blocks: index, a bit flipped": (scene) => {
    for (const file of half(scene, scene.blockFiles("index"))) flipBit(file, scene.random.between(0, statSync(file).size - 1));
  },
  "blocks: truncated": (scene) => {
    for (const file of half(scene, scene.blockFiles("data"))) truncateSync(file, scene.random.between(0, statSync(file).size - 1));
  },
  "blocks: swapped": (scene) => {
    const files = scene.blockFiles("data");
    for (let i = 0; i + 1 < files.length; i += 2) swap(files[i]!, files[i + 1]!);
  },
  "blocks: deleted": (scene) => {
    for (const file of half(scene, [...scene.blockFiles("data"), ...scene.blockFiles("index")])) rmSync(file, { force: true });
  },
};

function kill(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

/** At least one, when there is one. */
function half({ random }: Scene, files: readonly string[]): string[] {
  const first = files.length === 0 ? 0 : random.between(0, files.length - 1);
  return files.filter((_, i) => i === first || random.chance(0.5));
}

function flipBit(file: string, at: number): void {
  const byte = readFileSync(file)[at];
  if (byte === undefined) return;
  const handle = openSync(file, "r+");
  writeSync(handle, Uint8Array.of(byte ^ (1 << (at % 8))), 0, 1, at);
  closeSync(handle);
}

function swap(a: string, b: string): void {
  copyFileSync(a, `${a}.swap`);
  renameSync(b, a);
  renameSync(`${a}.swap`, b);
}
