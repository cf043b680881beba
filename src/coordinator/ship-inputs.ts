/**
 * Inputs that workers cannot open are read on the coordinator's machine and given out by its block server:
 * piece by piece as they are asked for, encoded as Arrow blocks. Nothing is copied ahead, and what is given
 * out is named by a table, so that only inputs of running jobs can be asked for.
 */
import type { JobId } from "../model/ids.js";
import type { InputFile } from "../model/split.js";
import type { JobHeader } from "../protocol/messages.js";
import type { CoordinatedJob } from "./coordinated-job.js";

export interface InputServer {
  /** Where it listens, host:port. */
  readonly address: string;
  /** The bearers of `token` may read these files from now on. Harmless to repeat. */
  offer(job: JobId, token: string, files: readonly InputFile[]): void;
  withdraw(job: JobId): void;
}

/** Makes the job's inputs available, and says where. */
export function shipInputs(server: InputServer, { header, inputs, submission }: CoordinatedJob): NonNullable<JobHeader["ship"]> {
  server.offer(header.job, header.token, inputs);
  return { address: server.address, always: submission.ship };
}
