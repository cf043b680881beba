import type { BytesColumn } from "./columns.js";
import type { Kernels } from "./kernels/wasm.js";

/**
 * A column of texts as numbers into a dictionary of the distinct ones, which grows from chunk to chunk. Valid
 * until the next chunk is read.
 */
export interface CodedTexts {
  readonly length: number;
  /** Of each row. */
  readonly codes: Int32Array;
  /** The distinct texts, code by code: `size` of them. Their bytes are as they were read, which may be no UTF-8. */
  readonly texts: BytesColumn;
  readonly size: number;
  /** Whose memory the codes lie in, with room for a record of each text at `records`. Absent where they lie elsewhere. */
  readonly room?: { readonly kernels: Kernels; readonly records: number };
  /** Whether codes will be given anew for the next chunk. */
  readonly isLast: boolean;
  /** Another number when codes have been given anew. */
  readonly epoch: number;
  get(row: number): string;
}
