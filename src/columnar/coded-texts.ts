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
  /** Where their records are, in the memory that the codes lie in. Absent where they lie elsewhere. */
  readonly room?: RecordRoom;
  /** Whether codes will be given anew for the next chunk. */
  readonly isLast: boolean;
  /** Another thing, by ===, when codes have been given anew. */
  readonly epoch: unknown;
  get(row: number): string;
}

/** Records of keys in kernel memory, zero at first. */
export interface RecordRoom {
  readonly kernels: Kernels;
  /** Address of that of code 0. */
  readonly records: number;
  /** Bytes from one to the next. */
  readonly stride: number;
  /** Address of RECORDS_AT_ONCE times 8 bytes that nobody keeps. */
  readonly scratch: number;
}

/** So many records give one of their cells at once. */
export const RECORDS_AT_ONCE = 4096;

/** Columns of a chunk with its keys of several of them, as codec.ts encodes a struct, where the reader was asked for them and could make them. */
export interface KeyedColumns extends RecordColumns<Record<string, unknown>> {
  readonly keys?: CodedTexts | BytesColumn;
}
