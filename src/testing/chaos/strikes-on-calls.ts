import { join } from "node:path";
import { FailingCalls } from "../failing-calls.js";
import { attemptFailed, type Strike } from "./strike.js";
import { parentOf, type Scene } from "./scene.js";

interface Calls {
  readonly calls: readonly string[];
  readonly files?: (scene: Scene) => readonly string[];
  /** The attempt goes on, since there is another way to what could not be read. */
  readonly endured?: boolean;
}

/** Where maps write and blocks are read, Node uses the calls that take a position. */
export const STRIKES_ON_CALLS: Readonly<Record<string, Strike>> = {
  "EIO from rename on one worker": failing({ calls: ["rename"] }),
  "EIO from writing map outputs on one worker": failing({ calls: ["pwritev", "pwrite64"] }),
  "EIO from writing parts on one worker": failing({ calls: ["write"], files: (scene) => scene.partFiles() }),
  "EIO from fsync on one worker": failing({ calls: ["fsync"] }),
  "EIO from reading on one worker": failing({ calls: ["pread64"], endured: true }),
};

function failing({ calls, files, endured = false }: Calls): Strike {
  return async (scene) => {
    const worker = scene.victim();
    const failing = await FailingCalls.begin({
      pids: scene.cluster.processes().map(({ pid }) => pid).filter((pid) => pid === worker.pid || parentOf(pid) === worker.pid),
      calls,
      log: join(scene.cluster.runs.folder, "calls.log"),
      ...(files === undefined ? {} : { files: files(scene) }),
    });
    const failed = attemptFailed(scene, "io-error");
    return { what: `a call failed${endured ? "" : `, and ${failed.what}`}`, shown: () => failing.struck && (endured || failed.shown()) };
  };
}
