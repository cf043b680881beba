import type { Counters } from "./counters.js";

/** `_SUCCESS` of an output folder: what was made, of what, by which code. */
export interface Manifest {
  readonly millrace: string;
  readonly job: string;
  readonly name: string;
  /** sha256 of the bundle, and of the job spec that it rebuilt. */
  readonly bundle: string;
  readonly plan: string;
  readonly inputs: readonly { readonly path: string; readonly size: number; readonly mtime: string }[];
  readonly parts: readonly ManifestPart[];
  readonly quarantine: readonly ManifestPart[];
  readonly counters: Counters;
  readonly records: number;
  readonly badRecords: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Milliseconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
}

export interface ManifestPart {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  readonly crc32: string;
}
