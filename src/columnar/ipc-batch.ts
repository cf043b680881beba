/**
 * Column batches as Arrow record batch messages: the form in which intermediate data lies in spill files and
 * goes over the network. `encodeSchema(...)`, batches and END_OF_STREAM one after another are a plain Arrow
 * IPC stream. Encoding copies each column once, or not at all (`batchPieces`); decoding copies nothing when the message is 8-byte aligned.
 * Arrow has no checksum: whoever stores batches adds one.
 */
import type { BytesColumn, Column, ColumnBatch, ColumnKind } from "./columns.js";
import { ArrowFormatError } from "./arrow-format-error.js";
import { encodeMessage, MESSAGE_PREFIX, metadataLength, parseMetadata } from "./ipc-message.js";
import { longs, scalar, table } from "./flat-writer.js";
import { encodeSchemaMessage, type ArrowField } from "./ipc-schema.js";

export { END_OF_STREAM } from "./ipc-message.js";

/** The schema message for batches with these columns, the key column first. */
export function encodeSchema(columns: readonly { readonly name: string; readonly kind: ColumnKind }[]): Uint8Array {
  return encodeSchemaMessage(columns.map(({ name, kind }) => ({ name, nullable: false, type: arrowTypes[kind], children: [] })));
}

const arrowTypes: Record<ColumnKind, ArrowField["type"]> = {
  bytes: { kind: "binary" },
  float64: { kind: "float", bits: 64 },
  int64: { kind: "int", bits: 64, signed: true },
};

export function encodeBatch(batch: ColumnBatch): Uint8Array {
  return joined(batchPieces(batch));
}

/** The message of a batch as pieces to be laid end to end: its columns are not copied, so they must not change meanwhile. */
export function batchPieces(batch: ColumnBatch): Uint8Array[] {
  const { rows } = batch;
  const buffers: Uint8Array[] = [];
  addBytes(batch.keys, rows, buffers);
  for (const column of batch.values) addColumn(column, rows, buffers);

  const nodes: number[] = [];
  for (let i = 0; i <= batch.values.length; i++) nodes.push(rows, 0);
  return messagePieces(rows, nodes, buffers);
}

/** A record batch message from its field nodes (length and null count of each) and its buffers. */
export function encodeBatchMessage(rows: number, nodes: readonly number[], buffers: readonly Uint8Array[]): Uint8Array {
  return joined(messagePieces(rows, nodes, buffers));
}

function messagePieces(rows: number, nodes: readonly number[], buffers: readonly Uint8Array[]): Uint8Array[] {
  const places: number[] = [];
  let bodyLength = 0;
  for (const buffer of buffers) {
    places.push(bodyLength, buffer.length);
    bodyLength += padded(buffer.length);
  }
  const pieces = [encodeMessage("batch", table(scalar(8, rows), longs(2, nodes), longs(2, places)), bodyLength)];
  for (const buffer of buffers) {
    const gap = padded(buffer.length) - buffer.length;
    if (buffer.length > 0) pieces.push(buffer);
    if (gap > 0) pieces.push(ZEROS.subarray(0, gap));
  }
  return pieces;
}

const ZEROS = new Uint8Array(8);

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const message = Buffer.allocUnsafeSlow(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    message.set(piece, at);
    at += piece.length;
  }
  return new Uint8Array(message.buffer, message.byteOffset, message.length);
}

/** Bytes of the whole message that begins at `at`, to walk a run of them; 0 at the end of a stream. */
export function messageLength(bytes: Uint8Array, at = 0): number {
  const metadata = metadataLength(bytes.subarray(at, at + MESSAGE_PREFIX));
  if (metadata === 0) return 0;
  const start = at + MESSAGE_PREFIX;
  if (start + metadata > bytes.length) throw new ArrowFormatError("a message ends too early");
  return MESSAGE_PREFIX + metadata + parseMetadata(bytes.subarray(start, start + metadata)).bodyLength;
}

/** The batch of one message; `kinds` are those of its value columns. Columns share the message's memory where its alignment allows. */
export function decodeBatch(message: Uint8Array, kinds: readonly ColumnKind[]): ColumnBatch {
  const length = metadataLength(message);
  const bodyStart = MESSAGE_PREFIX + length;
  if (length === 0 || bodyStart > message.length) throw new ArrowFormatError("a message ends too early");
  const { kind, header, bodyLength } = parseMetadata(message.subarray(MESSAGE_PREFIX, bodyStart));
  if (kind !== "batch") throw new ArrowFormatError("a message is not a record batch");
  if (bodyLength > message.length - bodyStart) throw new ArrowFormatError(`a record batch claims a body of ${bodyLength} bytes, ${message.length - bodyStart} are there`);
  if (header.table(3) !== undefined) throw new ArrowFormatError("a record batch is compressed");

  const rows = header.int64(0);
  const nodes = header.longs(1, 2);
  if (rows < 0 || nodes.length !== 2 * (kinds.length + 1)) throw new ArrowFormatError(`a record batch has ${nodes.length / 2} columns instead of ${kinds.length + 1}`);
  for (let i = 0; i < nodes.length; i += 2) {
    if (nodes[i] !== rows || nodes[i + 1] !== 0) throw new ArrowFormatError("a column of a record batch has other rows than the batch, or nulls");
  }
  const buffers = new BufferCursor(message.subarray(bodyStart, bodyStart + bodyLength), header.longs(2, 2));
  const keys = buffers.bytesColumn(rows);
  const values = kinds.map((each) => buffers.column(each, rows));
  buffers.mustBeAtEnd();
  return { rows, keys, values };
}

function addColumn(column: Column, rows: number, buffers: Uint8Array[]): void {
  if (column.kind === "bytes") return addBytes(column, rows, buffers);
  buffers.push(EMPTY, bytesOf(column.values, rows));
}

function addBytes(column: BytesColumn, rows: number, buffers: Uint8Array[]): void {
  const start = column.offsets[0]!;
  let { offsets } = column;
  if (start !== 0) {
    const rebased = new Int32Array(rows + 1);
    for (let i = 0; i <= rows; i++) rebased[i] = offsets[i]! - start;
    offsets = rebased;
  }
  buffers.push(EMPTY, bytesOf(offsets, rows + 1), column.bytes.subarray(start, column.offsets[rows]));
}

/** Stands for the validity of a column without nulls. */
const EMPTY = new Uint8Array(0);

function bytesOf(values: Float64Array | BigInt64Array | Int32Array, count: number): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, count * values.BYTES_PER_ELEMENT);
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** Hands out a body's buffers in order, each checked before it is touched. */
class BufferCursor {
  private readonly body: Uint8Array;
  private readonly places: readonly number[];
  private next = 0;

  constructor(body: Uint8Array, places: readonly number[]) {
    this.body = body;
    this.places = places;
  }

  column(kind: ColumnKind, rows: number): Column {
    if (kind === "bytes") return this.bytesColumn(rows);
    this.take(0);
    const bytes = aligned(this.take(rows * 8));
    if (kind === "int64") return { kind, values: new BigInt64Array(bytes.buffer, bytes.byteOffset, rows) };
    return { kind, values: new Float64Array(bytes.buffer, bytes.byteOffset, rows) };
  }

  bytesColumn(rows: number): BytesColumn {
    this.take(0);
    const ends = aligned(this.take((rows + 1) * 4));
    const offsets = new Int32Array(ends.buffer, ends.byteOffset, rows + 1);
    const bytes = this.take(0);
    let before = 0;
    for (let i = 0; i <= rows; i++) {
      const offset = offsets[i]!;
      if (offset < before) throw new ArrowFormatError("a column of a record batch has offsets that go backwards");
      before = offset;
    }
    if (before > bytes.length) throw new ArrowFormatError("a column of a record batch has offsets beyond its bytes");
    return { kind: "bytes", offsets, bytes };
  }

  mustBeAtEnd(): void {
    if (this.next !== this.places.length) throw new ArrowFormatError("a record batch has more buffers than its columns need");
  }

  private take(atLeast: number): Uint8Array {
    const offset = this.places[this.next++];
    const length = this.places[this.next++];
    if (offset === undefined || length === undefined) throw new ArrowFormatError("a record batch has fewer buffers than its columns need");
    if (offset < 0 || length < atLeast || offset + length > this.body.length) {
      throw new ArrowFormatError(`a record batch has a buffer of ${length} bytes at ${offset}, in a body of ${this.body.length}`);
    }
    return this.body.subarray(offset, offset + length);
  }
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}
