/** Brings the arrays of a batch into memory, column by column, so that columns nobody asked for are not read. */
import { ArrowFormatError } from "../columnar/arrow-format-error.js";
import type { ArrowField } from "../columnar/ipc-schema.js";
import { readHeader, type ArrowFile } from "./arrow-file.js";
import { layOutBatch, type ArrayPlace, type BufferPlace } from "./arrow-layout.js";
import type { LoadedArray } from "./arrow-values.js";
import type { PositionedFile } from "./positioned-file.js";

/** A body begins at byte `body` of the file. */
export function loadArray(file: PositionedFile, body: number, place: ArrayPlace): LoadedArray {
  const [validity, ...buffers] = place.buffers;
  return {
    rows: place.rows,
    validity: validity === undefined || place.nulls === 0 ? undefined : loadValidity(file, body, place, validity),
    buffers: buffers.map((buffer) => loadBuffer(file, body, buffer)),
    children: place.children.map((child) => loadArray(file, body, child)),
  };
}

function loadValidity(file: PositionedFile, body: number, { rows, nulls }: ArrayPlace, place: BufferPlace): Uint8Array | undefined {
  if (place.length === 0 && nulls === null) return undefined;
  if (place.length * 8 < rows) throw new ArrowFormatError(`a column of ${rows} values says of ${place.length * 8} whether they are null`);
  return loadBuffer(file, body, place);
}

/** Typed arrays beyond this would not index with 32 bits. */
const MOST_BYTES = 0x7fffffff;

function loadBuffer(file: PositionedFile, body: number, { offset, length }: BufferPlace): Uint8Array {
  if (length > MOST_BYTES) throw new ArrowFormatError(`a column of a record batch has ${length} bytes; write smaller batches`);
  const bytes = file.read(body + offset, length);
  if (bytes === undefined) throw new ArrowFormatError(`${length} bytes should stand at byte ${body + offset}`);
  return bytes;
}

/** Dictionaries as they are at a record batch: a stream may replace or extend them between batches. */
export class Dictionaries {
  private readonly file: PositionedFile;
  private readonly messages: ArrowFile["dictionaries"];
  /** Fields of the values, for the dictionaries that the wanted columns use. */
  private readonly fields = new Map<number, ArrowField>();
  private readonly parts = new Map<number, readonly LoadedArray[]>();
  private next = 0;

  constructor(file: PositionedFile, messages: ArrowFile["dictionaries"], wanted: readonly ArrowField[]) {
    this.file = file;
    this.messages = messages;
    this.collect(wanted);
  }

  /** Reads the dictionaries that stand before record batch `batch`. */
  advanceTo(batch: number): void {
    for (; this.next < this.messages.length && this.messages[this.next]!.from <= batch; this.next++) {
      const place = this.messages[this.next]!;
      const { header, bodyLength } = readHeader(this.file, place, "dictionary");
      const id = header.int64(0);
      const field = this.fields.get(id);
      if (field === undefined) continue;
      const data = header.table(1);
      if (data === undefined) throw new ArrowFormatError(`dictionary ${id} holds nothing`);
      const [values] = layOutBatch([field], data, bodyLength).columns;
      const loaded = loadArray(this.file, place.offset + place.headLength, values!);
      this.parts.set(id, header.bool(2) ? [...(this.parts.get(id) ?? []), loaded] : [loaded]);
    }
  }

  get(id: number): readonly LoadedArray[] {
    const parts = this.parts.get(id);
    // A column of nulls needs no dictionary.
    return parts ?? NONE;
  }

  private collect(fields: readonly ArrowField[]): void {
    for (const field of fields) {
      if (field.dictionary !== undefined) {
        const { name, nullable, type, children } = field;
        this.fields.set(field.dictionary.id, { name, nullable, type, children });
      }
      this.collect(field.children);
    }
  }
}

const NONE: readonly LoadedArray[] = [];
