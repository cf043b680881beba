/**
 * Column batches as Arrow IPC messages, written and parsed here rather than by apache-arrow, whose loading
 * costs each thread 150 ms: only its generated flatbuffer classes are used. A schema, batches and the end mark
 * in a row are an Arrow stream that any Arrow reader opens. Bytes columns are `binary`, numbers `float64` and
 * `int64`; nothing is nullable.
 *
 *     message = FF FF FF FF, metadata length i32, metadata (flatbuffer, padded to 8), body (buffers, each padded to 8)
 */
import { Binary } from "apache-arrow/fb/binary";
import { Buffer as FbBuffer } from "apache-arrow/fb/buffer";
import { Field } from "apache-arrow/fb/field";
import { FieldNode } from "apache-arrow/fb/field-node";
import { FloatingPoint } from "apache-arrow/fb/floating-point";
import { Int } from "apache-arrow/fb/int";
import { Message } from "apache-arrow/fb/message";
import { MessageHeader } from "apache-arrow/fb/message-header";
import { MetadataVersion } from "apache-arrow/fb/metadata-version";
import { Precision } from "apache-arrow/fb/precision";
import { RecordBatch } from "apache-arrow/fb/record-batch";
import { Schema } from "apache-arrow/fb/schema";
import { Type } from "apache-arrow/fb/type";
import { Builder, ByteBuffer } from "flatbuffers";
import type { BytesColumn, Column, ColumnBatch, ColumnKind } from "./columns.js";

export interface IpcField {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** What stands after the last batch of a stream. */
export const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

const PREFIX = 8;

export function encodeSchema(fields: readonly IpcField[]): Uint8Array {
  const builder = new Builder(512);
  const offsets = fields.map((field) => {
    const name = builder.createString(field.name);
    const children = Field.createChildrenVector(builder, []);
    const { type, offset } = fieldType(builder, field.kind);
    Field.startField(builder);
    Field.addName(builder, name);
    Field.addNullable(builder, false);
    Field.addTypeType(builder, type);
    Field.addType(builder, offset);
    Field.addChildren(builder, children);
    return Field.endField(builder);
  });
  const vector = Schema.createFieldsVector(builder, offsets);
  Schema.startSchema(builder);
  Schema.addFields(builder, vector);
  return frame(builder, MessageHeader.Schema, Schema.endSchema(builder), 0);
}

/** One message with the rows of a batch: keys first, then the value columns. Costs a copy of the bytes. */
export function encodeBatch(batch: ColumnBatch): Uint8Array {
  const { rows } = batch;
  const columns: readonly Column[] = [batch.keys, ...batch.values];
  const lengths = columns.flatMap((column) => [0, ...bufferLengths(column, rows)]);
  const bodyLength = lengths.reduce((sum, length) => sum + padded(length), 0);

  const builder = new Builder(256);
  RecordBatch.startBuffersVector(builder, lengths.length);
  for (let i = lengths.length - 1, end = bodyLength; i >= 0; i--) {
    end -= padded(lengths[i]!);
    FbBuffer.createBuffer(builder, BigInt(end), BigInt(lengths[i]!));
  }
  const buffers = builder.endVector();
  RecordBatch.startNodesVector(builder, columns.length);
  for (let i = 0; i < columns.length; i++) FieldNode.createFieldNode(builder, BigInt(rows), 0n);
  const nodes = builder.endVector();
  RecordBatch.startRecordBatch(builder);
  RecordBatch.addLength(builder, BigInt(rows));
  RecordBatch.addNodes(builder, nodes);
  RecordBatch.addBuffers(builder, buffers);
  const message = frame(builder, MessageHeader.RecordBatch, RecordBatch.endRecordBatch(builder), bodyLength);

  let at = message.length - bodyLength;
  for (const column of columns) at = writeColumn(message, at, column, rows);
  return message;
}

/**
 * The rows of one encoded batch. Its columns are views of `message`, which must start 8-byte aligned in its
 * buffer. Throws an Error when the bytes are no such batch; never reads outside of them.
 */
export function decodeBatch(message: Uint8Array, kinds: readonly ColumnKind[]): ColumnBatch {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (message.length < PREFIX || view.getUint32(0, true) !== 0xffffffff) throw new Error("Not an Arrow message");
  const metadataLength = view.getInt32(4, true);
  const bodyStart = PREFIX + metadataLength;
  if (metadataLength <= 0 || bodyStart > message.length) throw new Error("The metadata of an Arrow message ends outside of it");
  const header = Message.getRootAsMessage(new ByteBuffer(message.subarray(PREFIX, bodyStart)));
  if (header.headerType() !== MessageHeader.RecordBatch) throw new Error("Not an Arrow record batch");
  const batch = header.header(new RecordBatch()) as RecordBatch | null;
  if (batch === null || batch.buffersLength() !== bufferCount(kinds)) throw new Error("An Arrow record batch has other columns than expected");
  const rows = Number(batch.length());
  let next = 0;
  const buffer = (): Uint8Array => {
    const entry = batch.buffers(next++)!;
    const start = bodyStart + Number(entry.offset());
    const end = start + Number(entry.length());
    if (!(start >= bodyStart && end >= start && end <= message.length)) throw new Error("A buffer of an Arrow record batch ends outside of it");
    return message.subarray(start, end);
  };
  const read = (kind: ColumnKind): Column => {
    buffer();
    return readColumn(kind, rows, buffer);
  };
  return { rows, keys: read("bytes") as BytesColumn, values: kinds.map(read) };
}

function readColumn(kind: ColumnKind, rows: number, buffer: () => Uint8Array): Column {
  switch (kind) {
    case "float64":
      return { kind, values: typed(Float64Array, buffer(), rows) };
    case "int64":
      return { kind, values: typed(BigInt64Array, buffer(), rows) };
    case "bytes": {
      const offsets = typed(Int32Array, buffer(), rows + 1);
      const bytes = buffer();
      let last = 0;
      for (let i = 0; i <= rows; i++) {
        const offset = offsets[i]!;
        if (offset < last) throw new Error("The offsets of an Arrow column go backwards");
        last = offset;
      }
      if (last > bytes.length) throw new Error("The offsets of an Arrow column end outside of it");
      return { kind, offsets, bytes };
    }
  }
}

interface TypedArrayOf<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): A;
}

function typed<A>(Type: TypedArrayOf<A>, bytes: Uint8Array, length: number): A {
  const size = length * Type.BYTES_PER_ELEMENT;
  if (!(size <= bytes.length)) throw new Error("A buffer of an Arrow record batch is too short");
  const aligned = bytes.byteOffset % Type.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new Type(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
}

function bufferCount(kinds: readonly ColumnKind[]): number {
  return 3 + kinds.reduce((sum, kind) => sum + (kind === "bytes" ? 3 : 2), 0);
}

function bufferLengths(column: Column, rows: number): number[] {
  return column.kind === "bytes" ? [4 * (rows + 1), column.offsets[rows]! - column.offsets[0]!] : [8 * rows];
}

/** Copies a column's buffers to `at` and returns where the next column begins. */
function writeColumn(message: Uint8Array, at: number, column: Column, rows: number): number {
  if (column.kind !== "bytes") {
    const { buffer, byteOffset } = column.values;
    message.set(new Uint8Array(buffer, byteOffset, 8 * rows), at);
    return at + 8 * rows;
  }
  const first = column.offsets[0]!;
  const last = column.offsets[rows]!;
  const offsets = new Int32Array(message.buffer, message.byteOffset + at, rows + 1);
  if (first === 0) offsets.set(column.offsets.subarray(0, rows + 1));
  else for (let i = 0; i <= rows; i++) offsets[i] = column.offsets[i]! - first;
  const bytesAt = at + padded(4 * (rows + 1));
  message.set(column.bytes.subarray(first, last), bytesAt);
  return bytesAt + padded(last - first);
}

/** Wraps a header into a message with room for the body. */
function frame(builder: Builder, headerType: MessageHeader, header: number, bodyLength: number): Uint8Array {
  Message.startMessage(builder);
  Message.addVersion(builder, MetadataVersion.V5);
  Message.addHeaderType(builder, headerType);
  Message.addHeader(builder, header);
  Message.addBodyLength(builder, BigInt(bodyLength));
  builder.finish(Message.endMessage(builder));
  const metadata = builder.asUint8Array();
  const metadataLength = padded(metadata.length);
  const message = new Uint8Array(PREFIX + metadataLength + bodyLength);
  const view = new DataView(message.buffer);
  view.setUint32(0, 0xffffffff, true);
  view.setInt32(4, metadataLength, true);
  message.set(metadata, PREFIX);
  return message;
}

function fieldType(builder: Builder, kind: ColumnKind): { type: Type; offset: number } {
  switch (kind) {
    case "bytes":
      Binary.startBinary(builder);
      return { type: Type.Binary, offset: Binary.endBinary(builder) };
    case "float64":
      return { type: Type.FloatingPoint, offset: FloatingPoint.createFloatingPoint(builder, Precision.DOUBLE) };
    case "int64":
      return { type: Type.Int, offset: Int.createInt(builder, 64, true) };
  }
}

function padded(length: number): number {
  return (length + 7) & ~7;
}
