import type { WorkerId } from "../model/ids.js";
import { PROTOCOL_VERSION, type BlockPlace, type WorkerReport } from "../protocol/messages.js";
import { VERSION } from "../version.js";

export type Introduction = Extract<WorkerReport, { type: "worker-joined" }>;

/** A worker as it introduced itself. */
export interface Member {
  readonly place: BlockPlace;
  /** Tells a process from an earlier one of the same id. */
  readonly process: string;
}

/** Workers that have joined at some time: reduces are told where map outputs lie after the worker was lost, too. */
export class Members {
  readonly #members = new Map<WorkerId, Member>();

  get workers(): IterableIterator<WorkerId> {
    return this.#members.keys();
  }

  add(member: Member): void {
    this.#members.set(member.place.worker, member);
  }

  get(worker: WorkerId): Member | undefined {
    return this.#members.get(worker);
  }

  of(worker: WorkerId): Member {
    const member = this.#members.get(worker);
    if (member === undefined) throw new Error(`Worker ${worker} never joined`);
    return member;
  }

  /** Forgets all others. */
  retain(workers: readonly WorkerId[]): void {
    const retained = new Set(workers);
    for (const worker of this.#members.keys()) if (!retained.has(worker)) this.#members.delete(worker);
  }
}

export function memberOf({ worker, host, address, folder, process = "" }: Introduction): Member {
  return { place: { worker, host, address, folder }, process };
}

/** Why the worker cannot be taken; undefined when it can. Executors of one job must be of one version, or their parts may differ. */
export function misfit({ worker, protocol, version }: Introduction): string | undefined {
  if (protocol !== PROTOCOL_VERSION) return `worker ${worker} speaks protocol ${protocol}, this coordinator ${PROTOCOL_VERSION}; run the same version of millrace on all machines`;
  if (version !== VERSION) return `worker ${worker} is millrace ${version}, this coordinator ${VERSION}; run the same version on all machines`;
  return undefined;
}
