import { HOME } from "../test-network.js";
import { attemptFailed, LEASE_LOST, said, type Evidence, type Strike } from "./strike.js";
import { PAST_THE_LEASE, type Scene } from "./scene.js";

type Ways = "both" | "from" | "to";

/** Of the ways between coordinator, workers, and the nats-server, each of which has a place of its own. */
export const STRIKES_ON_WAYS: Readonly<Record<string, Strike>> = {
  "worker cut off past its lease": (scene) => cutOffWorker(scene, "both"),
  "what a worker sends is lost past its lease": (scene) => cutOffWorker(scene, "from"),
  "what is sent to a worker is lost past its lease": (scene) => cutOffWorker(scene, "to"),
  "coordinator cut off past the lease": (scene) => cutOffCoordinator(scene, "both"),
  "what the coordinator sends is lost past the lease": (scene) => cutOffCoordinator(scene, "from"),
  "what is sent to the coordinator is lost past the lease": (scene) => cutOffCoordinator(scene, "to"),
  "two workers cut off from each other": async (scene, phase) => {
    const [a, b] = scene.liveWorkers.map(({ name }) => name).sort(() => (scene.random.chance(0.5) ? 1 : -1));
    await cut(scene, a!, b!, "both");
    return fetchFailure(scene, phase);
  },
  "worker cut off from all other workers": async (scene, phase) => {
    const { name } = scene.victim();
    for (const other of scene.liveWorkers) if (other.name !== name) await cut(scene, name, other.name, "both");
    return fetchFailure(scene, phase);
  },
};

/** Long enough for both ends to give their connection up. */
const LONG = 30_000;

/** The same for so long that connections break. */
export const LONG_STRIKES_ON_WAYS: Readonly<Record<string, Strike>> = {
  "worker cut off for 30 s": (scene) => cutOffWorker(scene, "both", LONG),
  "what a worker sends is lost for 30 s": (scene) => cutOffWorker(scene, "from", LONG),
  "what is sent to a worker is lost for 30 s": (scene) => cutOffWorker(scene, "to", LONG),
  "coordinator cut off for 30 s": (scene) => cutOffCoordinator(scene, "both", LONG),
  "what the coordinator sends is lost for 30 s": (scene) => cutOffCoordinator(scene, "from", LONG),
  "what is sent to the coordinator is lost for 30 s": (scene) => cutOffCoordinator(scene, "to", LONG),
};

async function cutOffWorker(scene: Scene, ways: Ways, millis = PAST_THE_LEASE): Promise<Evidence> {
  const worker = scene.victim();
  await cutOffFromNats(scene, worker.name, ways, millis);
  return said(worker, LEASE_LOST);
}

async function cutOffCoordinator(scene: Scene, ways: Ways, millis = PAST_THE_LEASE): Promise<Evidence> {
  await cutOffFromNats(scene, scene.coordinator.name, ways, millis);
  return said(scene.victim(), LEASE_LOST);
}

/** Which is at home. */
async function cutOffFromNats(scene: Scene, place: string, ways: Ways, millis: number): Promise<void> {
  await cut(scene, place, HOME, ways);
  scene.openGates();
  await scene.wait(millis);
  await scene.network.heal();
}

async function cut({ network }: Scene, place: string, other: string, ways: Ways): Promise<void> {
  if (ways !== "to") await network.cut(place, other);
  if (ways !== "from") await network.cut(other, place);
}

/** While maps are under way, each worker will have to read from each other one. */
function fetchFailure(scene: Scene, phase: string): Evidence | void {
  if (phase === "accepted" || phase === "mapping") return attemptFailed(scene, "fetch-failed");
}
