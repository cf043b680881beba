/** All that a seed brings to life, and the faults that befall it until the calm. */
import { nodeId, workerId, type AttemptId, type JobId, type NodeId, type WorkerId } from "../../model/ids.js";
import { Judge } from "./judge.js";
import type { ToCoordinator, ToWorker } from "./messages.js";
import { Random } from "./random.js";
import type { Scenario, SplitContent } from "./scenario.js";
import { VirtualCoordinator } from "./virtual-coordinator.js";
import { VirtualDisk } from "./virtual-disk.js";
import { VirtualNetwork } from "./virtual-network.js";
import { VirtualTime } from "./virtual-time.js";
import { VirtualWorker } from "./virtual-worker.js";

const TROUBLE_EVERY_MILLIS = 1_000;
const FLAP_EVERY_MILLIS = 2_000;
const ASK_AGAIN_MILLIS = 3_000;

export class World {
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly scenario: Scenario;
  readonly judge: Judge;
  readonly disk = new VirtualDisk();
  /** Attempts that reached a worker and have not begun there. */
  readonly idle = new Set<AttemptId>();
  /** The latest, and those before it that may still be alive. */
  readonly #coordinators: VirtualCoordinator[] = [];
  readonly #network: VirtualNetwork;
  readonly #workers = new Map<WorkerId, VirtualWorker>();
  /** The worker process of each host, if it has one. */
  readonly #hosts: (VirtualWorker | undefined)[];
  /** Part files that wait for the commit. */
  readonly #staged = new Set<AttemptId>();
  #processes = 0;
  /** Workers whose messages to coordinators are lost, and those that get none. */
  readonly #unheard = new Set<WorkerId>();
  readonly #deaf = new Set<WorkerId>();
  #replacing = false;

  constructor(scenario: Scenario, seed: number) {
    this.scenario = scenario;
    this.random = new Random(seed + 1_000_000_007);
    this.judge = new Judge(scenario, this.#staged, this.idle);
    this.#network = new VirtualNetwork(this.time, this.random, scenario);
    this.#coordinators.push(new VirtualCoordinator(this));
    this.#hosts = scenario.slots.map(() => undefined);
    for (const host of scenario.slots.keys()) this.time.after(this.random.between(0, 3_000), () => this.#startWorker(host));
    for (const { plan, priority, submitAt, submitAgainAt, cancelAt } of scenario.jobs) {
      const submit = () => this.coordinator.submit({ type: "job-submitted", plan, priority, limits: scenario.limits });
      this.time.after(submitAt, () => this.#askUntil(() => this.judge.accepted.has(plan.job), submit));
      if (submitAgainAt !== undefined) this.time.after(Math.max(submitAgainAt, submitAt), submit);
      if (cancelAt !== undefined) this.time.after(Math.max(cancelAt, submitAt), () => this.#askUntil(() => this.judge.mayNotCancel(plan.job), () => this.coordinator.cancel(plan.job)));
    }
    this.#trouble();
    if (scenario.flapping !== undefined) this.#flap(scenario.flapping);
  }

  /** The one in charge. */
  get coordinator(): VirtualCoordinator {
    return this.#coordinators.at(-1)!;
  }

  toCoordinator(message: ToCoordinator): void {
    this.#network.post(`from ${message.worker}`, () => {
      if (this.#unheard.has(message.worker)) return;
      for (const coordinator of [...this.#coordinators]) coordinator.receive(message);
    });
  }

  toWorker(worker: WorkerId, message: ToWorker): void {
    this.#network.post(`${message.epoch} to ${worker}`, () => {
      if (!this.#deaf.has(worker)) this.#workers.get(worker)?.receive(message);
    });
  }

  canFetch(reader: VirtualWorker, from: WorkerId, output: AttemptId): boolean {
    return this.reaches(reader, from) && this.#workers.get(from)?.outputs.has(output) === true;
  }

  reaches(reader: VirtualWorker, from: WorkerId): boolean {
    const source = this.#workers.get(from);
    if (source === undefined || source.state === "dead" || source.stalledUntil > this.time.now) return false;
    const cut = this.scenario.cutHosts.some((pair) => [reader.node, source.node].every((node) => pair.some((host) => node === hostNode(host))) && reader.node !== source.node);
    return !cut && !source.cutOffFrom.has(reader.id) && !reader.cutOffFrom.has(from);
  }

  isMapOnly(job: JobId): boolean {
    return this.scenario.jobs.find(({ plan }) => plan.job === job)?.plan.partitions === 0;
  }

  contentOf(job: JobId): readonly SplitContent[] {
    return this.scenario.jobs.find(({ plan }) => plan.job === job)?.content ?? [];
  }

  stage(attempt: AttemptId): void {
    this.#staged.add(attempt);
  }

  sweep(attempt: AttemptId): void {
    this.#staged.delete(attempt);
  }

  /** The process ends; its host starts another one a little later. */
  replace(worker: VirtualWorker): void {
    worker.kill();
    const host = this.#hosts.indexOf(worker);
    if (host < 0) return;
    this.#hosts[host] = undefined;
    this.time.after(this.random.between(100, 15_000), () => this.#startWorker(host));
  }

  /** A client asks again until it sees that it was heard. */
  #askUntil(heard: () => boolean, ask: () => void): void {
    if (heard()) return;
    ask();
    this.time.after(ASK_AGAIN_MILLIS, () => this.#askUntil(heard, ask));
  }

  #replaceCoordinator(): void {
    for (const [place, coordinator] of this.#coordinators.entries()) if (coordinator.state === "gone" && place < this.#coordinators.length - 1) this.#coordinators.splice(place, 1);
    this.#coordinators.push(new VirtualCoordinator(this));
  }

  #startWorker(host: number): void {
    const id = workerId(`w${host}-${this.#processes++}`);
    const slowness = this.time.now < this.scenario.calmAt && this.random.chance(0.1) ? 5 : 1;
    const worker = new VirtualWorker(this, id, hostNode(host), this.scenario.slots[host] ?? 1, slowness);
    this.#workers.set(id, worker);
    this.#hosts[host] = worker;
  }

  /** Each life has an id of its own, all are of one node. */
  #flap(flapping: NonNullable<Scenario["flapping"]>): void {
    this.time.after(FLAP_EVERY_MILLIS, () => {
      if (this.time.now >= this.scenario.calmAt) return;
      const { host, farewell } = flapping;
      const worker = this.#hosts[host];
      if (farewell) worker?.leave();
      else worker?.kill();
      if (worker !== undefined) this.#startWorker(host);
      this.#flap(flapping);
    });
  }

  #trouble(): void {
    this.time.after(TROUBLE_EVERY_MILLIS, () => {
      const { scenario } = this;
      if (this.time.now >= scenario.calmAt) {
        for (const worker of this.#workers.values()) worker.cutOffFrom.clear();
        this.#unheard.clear();
        this.#deaf.clear();
        return;
      }
      for (const worker of this.#hosts) if (worker !== undefined) this.#troubleFor(worker);
      this.#troubleForCoordinator();
      this.#trouble();
    });
  }

  #troubleForCoordinator(): void {
    const { random, scenario } = this;
    if (this.#replacing) return;
    const dies = random.chance(scenario.coordinatorDeath);
    const freezes = random.chance(scenario.coordinatorFreeze);
    if (!dies && !freezes) return;
    if (dies) this.coordinator.die();
    else this.coordinator.freeze(random.between(1_000, 40_000));
    this.#replacing = true;
    this.time.after(random.between(0, 10_000), () => {
      this.#replacing = false;
      this.#replaceCoordinator();
    });
  }

  #troubleFor(worker: VirtualWorker): void {
    const { random, scenario } = this;
    if (random.chance(scenario.kill)) this.replace(worker);
    if (random.chance(scenario.stall)) worker.stalledUntil = this.time.now + random.between(1_000, 30_000);
    if (random.chance(scenario.drain)) worker.drain();
    if (random.chance(scenario.loseOutput)) worker.outputs.clear();
    if (random.chance(scenario.partition)) {
      const ways = random.between(1, 3);
      if (ways !== 1) this.#unheard.add(worker.id);
      if (ways !== 2) this.#deaf.add(worker.id);
      this.time.after(random.between(1_000, 30_000), () => {
        this.#unheard.delete(worker.id);
        this.#deaf.delete(worker.id);
      });
    }
    if (random.chance(scenario.cutOff)) {
      const other = random.pick([...this.#workers.keys()]);
      worker.cutOffFrom.add(other);
      this.time.after(random.between(1_000, 20_000), () => worker.cutOffFrom.delete(other));
    }
  }
}

function hostNode(host: number): NodeId {
  return nodeId(`h${host}`);
}
