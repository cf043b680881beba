/**
 * Where the messages of an Arrow file or stream lie. A file says it in its footer; a stream is walked from
 * header to header. No body is read, and no length is believed before it is held against the file's size.
 */
import { ArrowFormatError } from "../columnar/arrow-format-error.js";
import { FlatTable } from "../columnar/flat-reader.js";
import { MESSAGE_PREFIX, metadataLength, parseMetadata, type Message, type MessageKind } from "../columnar/ipc-message.js";
import { parseSchema, type ArrowField } from "../columnar/ipc-schema.js";
import type { PositionedFile } from "./positioned-file.js";

export interface MessagePlace {
  readonly offset: number;
  /** Bytes of prefix and metadata. */
  readonly headLength: number;
  readonly bodyLength: number;
}

export interface ArrowFile {
  readonly fields: readonly ArrowField[];
  readonly batches: readonly MessagePlace[];
  /** In order; each holds from batch number `from` on. */
  readonly dictionaries: readonly (MessagePlace & { readonly from: number })[];
}

const MAGIC = "ARROW1";

export function readArrowFile(file: PositionedFile): ArrowFile {
  const start = textAt(file, 0, MAGIC.length);
  if (start === MAGIC) return readFooter(file);
  if (file.size === 0) throw new ArrowFormatError("it is empty; even without rows it would hold a schema");
  if (start.startsWith("PAR1")) throw new ArrowFormatError("it is a Parquet file");
  if (start.startsWith("FEA1")) throw new ArrowFormatError("it is a Feather file of version 1; write it again as version 2");
  return walkStream(file);
}

/** The metadata of a message; its kind must be `kind`. */
export function readHeader(file: PositionedFile, place: MessagePlace, kind: MessageKind): Message {
  const head = bytesAt(file, place.offset, place.headLength);
  const length = metadataLength(head);
  if (length > place.headLength - MESSAGE_PREFIX) throw new ArrowFormatError(`the message at byte ${place.offset} has metadata of ${length} bytes, not of ${place.headLength - MESSAGE_PREFIX}`);
  const message = parseMetadata(head.subarray(MESSAGE_PREFIX, MESSAGE_PREFIX + length));
  if (message.kind !== kind) throw new ArrowFormatError(`the message at byte ${place.offset} is no ${kind}`);
  if (message.bodyLength > place.bodyLength) throw new ArrowFormatError(`the message at byte ${place.offset} claims a body of ${message.bodyLength} bytes, not of ${place.bodyLength}`);
  return message;
}

function readFooter(file: PositionedFile): ArrowFile {
  const end = file.size - MAGIC.length;
  if (end < 12 + MAGIC.length || textAt(file, end, MAGIC.length) !== MAGIC) throw new ArrowFormatError(`it does not end with ${MAGIC}: it is cut off`);
  const tail = bytesAt(file, end - 4, 4);
  const length = new DataView(tail.buffer, tail.byteOffset).getInt32(0, true);
  if (length <= 0 || length > end - 4 - 8) throw new ArrowFormatError(`its footer claims ${length} bytes`);
  const footer = FlatTable.root(bytesAt(file, end - 4 - length, length));
  const schema = footer.table(1);
  if (schema === undefined) throw new ArrowFormatError("its footer has no schema");
  const dictionaries = blocks(footer, 2, file).map((place) => ({ ...place, from: 0 }));
  return { fields: parseSchema(schema), dictionaries, batches: blocks(footer, 3, file) };
}

function blocks(footer: FlatTable, slot: number, file: PositionedFile): MessagePlace[] {
  const numbers = footer.longs(slot, 3, 1);
  const places: MessagePlace[] = [];
  for (let i = 0; i < numbers.length; i += 3) {
    const [offset = 0, headLength = 0, bodyLength = 0] = numbers.slice(i, i + 3);
    if (offset < 0 || headLength < MESSAGE_PREFIX || bodyLength < 0 || offset + headLength + bodyLength > file.size) {
      throw new ArrowFormatError(`its footer lists a message of ${headLength} + ${bodyLength} bytes at byte ${offset}, but the file has ${file.size}`);
    }
    places.push({ offset, headLength, bodyLength });
  }
  return places;
}

function walkStream(file: PositionedFile): ArrowFile {
  let fields: ArrowField[] | undefined;
  const batches: MessagePlace[] = [];
  const dictionaries: (MessagePlace & { from: number })[] = [];
  for (let at = 0; ; ) {
    // Arrow allows a stream to end without its marker, but then a cut between two batches would go unnoticed.
    if (at === file.size) throw new ArrowFormatError("its end-of-stream marker is missing: it is cut off, or its writer was not closed");
    const length = metadataLength(bytesAt(file, at, MESSAGE_PREFIX));
    if (length === 0) {
      at += MESSAGE_PREFIX;
      if (at < file.size) throw new ArrowFormatError(`${file.size - at} bytes stand behind the end of its stream`);
      break;
    }
    const message = parseMetadata(bytesAt(file, at + MESSAGE_PREFIX, length));
    const place = { offset: at, headLength: MESSAGE_PREFIX + length, bodyLength: message.bodyLength };
    at += place.headLength + place.bodyLength;
    if (at > file.size) throw new ArrowFormatError(`the message at byte ${place.offset} goes beyond the end: the file is cut off or damaged`);
    if (fields === undefined) {
      if (message.kind !== "schema") throw new ArrowFormatError("its first message is no schema");
      fields = parseSchema(message.header);
    } else if (message.kind === "batch") batches.push(place);
    else if (message.kind === "dictionary") dictionaries.push({ ...place, from: batches.length });
    else throw new ArrowFormatError(`the message at byte ${place.offset} is neither a record batch nor a dictionary`);
  }
  if (fields === undefined) throw new ArrowFormatError("it ends before its schema");
  return { fields, batches, dictionaries };
}

function bytesAt(file: PositionedFile, offset: number, length: number): Uint8Array {
  const bytes = file.read(offset, length);
  if (bytes === undefined) throw new ArrowFormatError(offset === 0 ? "it is no Arrow file or stream" : `it is cut off or damaged: ${length} bytes should stand at byte ${offset}`);
  return bytes;
}

function textAt(file: PositionedFile, offset: number, length: number): string {
  return Buffer.from(file.read(offset, Math.min(length, file.size)) ?? []).toString("latin1");
}
