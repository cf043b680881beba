import type { RecordColumns } from "../job/record-batch.js";
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
  /** They are no texts, but encodings as codec.ts has them. */
  readonly isEncoded?: boolean;
  /** Whose memory the codes lie in, with a record for each text, zero at first, `stride` bytes from one to the next. Absent where they lie elsewhere. */
  readonly room?: { readonly kernels: Kernels; readonly records: number; readonly stride: number };
  /** Whether codes will be given anew for the next chunk. */
  readonly isLast: boolean;
  /** Another thing, by ===, when codes have been given anew. */
  readonly epoch: unknown;
  get(row: number): string;
}

/** Columns of a chunk with its keys of several of them, as codec.ts encodes a struct, where the reader was asked for them and could make them. */
export interface KeyedColumns extends RecordColumns<Record<string, unknown>> {
  readonly keys?: CodedTexts | BytesColumn;
}
