import { LEASE_LOST, said, type Strike } from "./strike.js";
import type { ClusterMember } from "../cluster-member.js";
import { parentOf, PAST_THE_LEASE, type Scene } from "./scene.js";

/** Of coordinator, workers, their executors, and the nats-server. */
export const STRIKES_ON_PROCESSES: Readonly<Record<string, Strike>> = {
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
    await scene.freeze(worker);
    scene.openGates();
    await scene.wait(PAST_THE_LEASE);
    worker.signal("SIGCONT");
    return said(worker, LEASE_LOST);
  },
  "worker frozen for a moment": async (scene) => {
    const worker = scene.victim();
    await scene.freeze(worker);
    await scene.wait(700);
    worker.signal("SIGCONT");
  },
  "worker slowed to a tenth": (scene) => {
    const worker = scene.victim();
    let times = 0;
    void slow(scene, worker, () => times++);
    return { what: "it stood still again and again", shown: () => times >= 5 };
  },
  "worker drained": (scene) => {
    const worker = scene.victim();
    worker.signal("SIGTERM");
    return said(worker, /draining/);
  },
  "worker told to end at once": async (scene) => {
    const worker = scene.victim();
    worker.signal("SIGINT");
    await worker.ended;
  },
  "worker flaps": async (scene) => {
    const { name } = scene.victim();
    for (let i = 0; i < 3; i++) {
      await scene.workers.get(name)!.kill();
      await scene.startWorker({ name });
      await scene.wait(600);
    }
  },
  "executor killed": async (scene) => kill((await executors(scene)).slice(0, 1)),
  "all executors killed": async (scene) => kill(await executors(scene)),
  "coordinator killed": async (scene) => {
    await scene.coordinator.kill();
    await scene.startCoordinator();
  },
  "coordinator away past the lease": async (scene) => {
    await scene.coordinator.kill();
    scene.openGates();
    await scene.wait(PAST_THE_LEASE);
    await scene.startCoordinator();
    return said(scene.victim(), LEASE_LOST);
  },
  "coordinator frozen past the lease": async (scene) => {
    await scene.freeze(scene.coordinator);
    scene.openGates();
    await scene.wait(PAST_THE_LEASE);
    scene.coordinator.signal("SIGCONT");
    return said(scene.victim(), LEASE_LOST);
  },
  "coordinator frozen, replaced, wakes up": async (scene) => {
    const old = scene.coordinator;
    await scene.freeze(old);
    await scene.startCoordinator(["--takeover"]);
    old.signal("SIGCONT");
    await old.ended;
  },
  "coordinator and a worker killed": async (scene) => {
    await Promise.all([scene.coordinator.kill(), scene.victim().kill()]);
    await scene.startCoordinator();
    await scene.startWorker();
  },
  "nats-server killed": async (scene) => {
    await scene.cluster.restartNats();
    return said(scene.victim(), /lost the connection/);
  },
  "nats-server away past the lease": async (scene) => {
    await scene.cluster.restartNats({
      between: async () => {
        scene.openGates();
        await scene.wait(PAST_THE_LEASE);
      },
    });
    return said(scene.victim(), LEASE_LOST);
  },
  "nats-server killed and wiped": async (scene) => {
    await scene.cluster.restartNats({ wipe: true });
    return said(scene.victim(), /lost the connection/);
  },
  "all killed, all started again": async (scene) => {
    const { coordinator, liveWorkers } = scene;
    await scene.cluster.restartNats({ between: async () => void (await Promise.all([coordinator, ...liveWorkers].map((member) => member.kill()))) });
    await scene.startCoordinator();
    for (let i = 0; i < 3; i++) await scene.startWorker();
  },
};

/** The first of them begin only after the job was accepted. */
function executors(scene: Scene): Promise<number[]> {
  return scene.cluster.until("an executor runs", () => scene.executors(), ({ length }) => length > 0);
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

const SLOW_TIMES = 40;

/** For four seconds the worker and its executors run a tenth of the time, as on a machine that others have taken. */
async function slow(scene: Scene, worker: ClusterMember, stoodStill: () => void): Promise<void> {
  for (let i = 0; i < SLOW_TIMES && worker.isRunning; i++) {
    const all = [worker.pid, ...scene.executors().filter((pid) => ofWorker(pid, worker))];
    signal(all, "SIGSTOP");
    await scene.wait(90);
    signal(all, "SIGCONT");
    stoodStill();
    await scene.wait(10);
  }
}

function ofWorker(executor: number, worker: ClusterMember): boolean {
  try {
    return parentOf(executor) === worker.pid;
  } catch {
    return false;
  }
}

function signal(pids: readonly number[], name: "SIGSTOP" | "SIGCONT"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended.
    }
  }
}
