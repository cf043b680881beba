/**
 * Starts the coordinator of a cluster: makes sure that it is the only one, and goes on where an earlier one with
 * the same state folder stopped, however it did.
 */
import type { Clock } from "../clock.js";
import { ClusterError } from "../errors.js";
import { decode, encode } from "../protocol/codec.js";
import { coordinatorReply, type CoordinatorReply } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import { statePaths } from "../storage/layout.js";
import { identityOf, StateFolder } from "../storage/state-folder.js";
import { NoReplyError, type Transport } from "../transport/transport.js";
import { FolderShelf, MemoryShelf } from "./bundle-shelf.js";
import { Coordinator } from "./coordinator.js";
import { CoordinatorState } from "./coordinator-state.js";
import { FileLogs } from "./job-logs.js";
import { KeptBundles } from "./kept-bundles.js";
import type { InputServer } from "./ship-inputs.js";
import { noMemory, type CoordinatorMemory } from "./memory.js";
import { restoreState } from "./restore-state.js";

export interface OpenCoordinatorOptions {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
  /** Folder in which jobs survive the coordinator. Without one they end with it. */
  readonly stateDir?: string;
  /** Take the place of a coordinator that runs. Default false: refuse, unless it is one of the same state folder. */
  readonly takeover?: boolean;
  /** Milliseconds that a worker is believed without a heartbeat. Default 10,000. */
  readonly leaseMillis?: number;
  /** Bytes over which the journal begins anew when no job is live. Default 4 MiB. */
  readonly journalBytes?: number;
  /** The coordinator has stopped for good: another one is in charge, or its journal cannot be written. */
  readonly onEnd: (error: ClusterError) => void;
  readonly log?: (line: string) => void;
  /** Gives inputs to workers that cannot open them. */
  readonly inputServer?: InputServer;
}

const PROBE_MILLIS = 1_000;

type Answer = Extract<CoordinatorReply, { type: "coordinator" }>;

/** Rejects with ClusterError when another coordinator is there, or the state folder cannot be used. */
export async function openCoordinator(options: OpenCoordinatorOptions): Promise<Coordinator> {
  const { transport, subjects, clock, stateDir, takeover = false, leaseMillis, onEnd, log = () => {} } = options;
  const other = await whoIsThere(transport, subjects);
  const mayReplace = (identity: string): boolean => other === undefined || takeover || other.identity === identity;
  // By the time of the start: then coordinators with different memories have an order, too.
  const leastEpoch = Math.max(clock.date().getTime(), (other?.epoch ?? 0) + 1);
  const common = { transport, subjects, clock, onEnd, log, ...(options.inputServer === undefined ? {} : { inputServer: options.inputServer }), ...(options.journalBytes === undefined ? {} : { journalBytes: options.journalBytes }) };

  if (stateDir === undefined) {
    if (!mayReplace("")) throw refusal(subjects, other);
    const kept = new KeptBundles({ shelf: new MemoryShelf(), transport, isCurrent: () => true, log }, []);
    return started(new Coordinator({ ...common, epoch: leastEpoch, memory: noMemory(kept), state: new CoordinatorState(leaseMillis) }));
  }
  const folder = await StateFolder.open(stateDir, (secret) => {
    if (mayReplace(identityOf(secret))) return leastEpoch;
    throw refusal(subjects, other);
  });
  const restored = await restoreState(folder, leaseMillis);
  const { cut } = restored;
  if (cut) log(`the journal in ${stateDir} ended in the midst of a record, which was never acknowledged; it is left out`);
  const file = await folder.beginJournal(restored.payloads);
  const { logs, bundles } = statePaths(folder.path);
  const memory: CoordinatorMemory = {
    sink: { append: (payload) => file.append([payload]), beginAnew: (payload) => file.beginAnew([payload]), get bytes() { return file.bytes; }, isCurrent: () => folder.isCurrent(), close: () => file.close() },
    keptBy: folder.path,
    identity: folder.identity,
    logs: new FileLogs(logs),
    bundles: new KeptBundles({ shelf: new FolderShelf(bundles), transport, isCurrent: () => folder.isCurrent(), log }, [...restored.state.jobs].map(([job, { submission }]) => [job, submission.bundle])),
    tokenOf: (job) => folder.tokenOf(job),
  };
  log(`epoch ${folder.epoch}; ${restored.state.jobs.size} unfinished jobs in ${stateDir}`);
  return started(new Coordinator({ ...common, epoch: folder.epoch, memory, cut, state: restored.state }));
}

function started(coordinator: Coordinator): Coordinator {
  coordinator.start();
  return coordinator;
}

async function whoIsThere(transport: Transport, subjects: Subjects): Promise<Answer | undefined> {
  try {
    const reply = decode(coordinatorReply, await transport.request(subjects.requests, encode({ type: "ask-coordinator" }), PROBE_MILLIS));
    return reply.type === "coordinator" ? reply : undefined;
  } catch (error) {
    if (error instanceof NoReplyError) return undefined;
    throw error;
  }
}

function refusal({ requests }: Subjects, other: Answer | undefined): ClusterError {
  return new ClusterError(`A coordinator (epoch ${other?.epoch}) answers on ${requests} already. Stop it, use its --state-dir to go on with its jobs, choose another --cluster, or replace it with --takeover (its jobs end)`);
}
