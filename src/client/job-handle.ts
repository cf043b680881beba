import type { JobId } from "../model/ids.js";
import type { Manifest } from "../model/manifest.js";
import type { JobProgress } from "../protocol/messages.js";

/** A job on its way. */
export interface JobHandle {
  readonly id: JobId;
  /**
   * The manifest of the committed output. Rejects with UsageError, InvalidJobError, InputError or OutputError
   * before any work, JobFailedError when the job failed, CancelledError when it was cancelled.
   */
  readonly result: Promise<Manifest>;
  /** Calls `listener` with each progress report, several times a second; returns a function that ends this. */
  onProgress(listener: (progress: JobProgress) => void): () => void;
  /** Stops the job and removes all that it wrote; `result` rejects with CancelledError. */
  cancel(reason?: string): void;
}
