/**
 * An IPC message is the envelope of all that Arrow stores: the marker ff ff ff ff, the length of the
 * metadata, the metadata (a FlatBuffer, padded to 8), and a body. Streams are messages one after another; files are
 * a stream between two magics, with a footer that says where each message lies.
 */
import { ArrowFormatError } from "./arrow-format-error.js";
import { FlatTable } from "./flat-reader.js";
import { encodeFlat, scalar, table, type FlatNode } from "./flat-writer.js";

export const MESSAGE_PREFIX = 8;
const METADATA_V4 = 3;
export const METADATA_V5 = 4;

export type MessageKind = "schema" | "dictionary" | "batch";
const headerTypes: Record<MessageKind, number> = { schema: 1, dictionary: 2, batch: 3 };

/** The prefix and the metadata of a message; its body of `bodyLength` bytes follows. */
export function encodeMessage(kind: MessageKind, header: FlatNode, bodyLength: number): Uint8Array {
  const metadata = encodeFlat(table(scalar(2, METADATA_V5), scalar(1, headerTypes[kind]), header, scalar(8, bodyLength)));
  const message = new Uint8Array(MESSAGE_PREFIX + metadata.length);
  const view = new DataView(message.buffer);
  view.setInt32(0, -1);
  view.setInt32(4, metadata.length, true);
  message.set(metadata, MESSAGE_PREFIX);
  return message;
}

/** What stands after the last message of a stream. */
export const END_OF_STREAM: Uint8Array = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** Length of the metadata that follows this prefix; 0 says that the stream ends. */
export function metadataLength(prefix: Uint8Array): number {
  if (prefix.length < MESSAGE_PREFIX) throw new ArrowFormatError("it ends in the middle of a message");
  const view = new DataView(prefix.buffer, prefix.byteOffset, MESSAGE_PREFIX);
  if (view.getInt32(0) !== -1) throw new ArrowFormatError("no message begins where one should");
  const length = view.getInt32(4, true);
  if (length < 0) throw new ArrowFormatError(`a message claims metadata of ${length} bytes`);
  return length;
}

export interface Message {
  /** `other` for kinds that carry no tables, such as tensors. */
  readonly kind: MessageKind | "other";
  readonly header: FlatTable;
  readonly bodyLength: number;
}

export function parseMetadata(metadata: Uint8Array): Message {
  const message = FlatTable.root(metadata);
  const version = message.int16(0);
  if (version !== METADATA_V4 && version !== METADATA_V5) throw new ArrowFormatError(`its metadata has version V${version + 1}; V4 and V5 can be read`);
  const type = message.uint8(1);
  const kind = (["schema", "dictionary", "batch"] as const).find((each) => headerTypes[each] === type) ?? "other";
  const header = message.table(2);
  const bodyLength = message.int64(3);
  if (header === undefined || bodyLength < 0) throw new ArrowFormatError("a message has no header");
  return { kind, header, bodyLength };
}
