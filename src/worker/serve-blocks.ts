import type { JobId } from "../model/ids.js";
import type { LaunchAttempt } from "../protocol/messages.js";
import { mapOutputPaths } from "../storage/layout.js";
import { BlockServer, type BlockServerOptions } from "./block-server.js";
import { BlockStore } from "./block-store.js";

/** A worker's own block server: gives what the map attempts in its folder wrote. */
export interface ServedBlocks {
  /** Where it listens, host:port. */
  readonly address: string;
  /** An attempt is about to run, whose output may be asked for by the bearers of its job's token. Its index comes last, so no half output is read. */
  register(command: Pick<LaunchAttempt, "attempt" | "header" | "work">): void;
  forget(job: JobId): void;
  stats: BlockServer["stats"];
  close(): Promise<void>;
}

export async function serveBlocks(folder: string, options: Omit<BlockServerOptions, "store"> = {}): Promise<ServedBlocks> {
  const store = new BlockStore();
  const server = await BlockServer.start({ ...options, store });
  return {
    address: server.address,
    register({ attempt, header, work }) {
      if (work.type !== "map") return;
      store.openJob(header.job, header.token);
      store.addMapOutput(attempt, mapOutputPaths(folder, attempt));
    },
    forget: (job) => store.closeJob(job),
    stats: () => server.stats(),
    close: () => server.close(),
  };
}
