import type { JobId } from "../model/ids.js";
import type { InputFile } from "../model/split.js";
import { BlockServer, type BlockServerOptions } from "./block-server.js";
import { BlockStore } from "./block-store.js";

/** A block server for inputs that their readers cannot open: what a coordinator needs to ship them. */
export interface ServedInputs {
  /** Where it listens, host:port. */
  readonly address: string;
  offer(job: JobId, token: string, files: readonly InputFile[]): void;
  withdraw(job: JobId): void;
  stats: BlockServer["stats"];
  close(): Promise<void>;
}

export async function serveInputs(options: Omit<BlockServerOptions, "store"> = {}): Promise<ServedInputs> {
  const store = new BlockStore();
  const server = await BlockServer.start({ ...options, store });
  return {
    address: server.address,
    offer(job, token, files) {
      // Once for each job: it may have many files, and this is called for every attempt.
      if (!store.openJob(job, token)) return;
      for (const file of files) store.addInput(job, file);
    },
    withdraw: (job) => store.closeJob(job),
    stats: () => server.stats(),
    close: () => server.close(),
  };
}
