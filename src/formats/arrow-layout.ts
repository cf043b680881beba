/**
 * Which buffers of a record batch belong to which column. Arrow stores the nodes (length and null count) and
 * the buffers of all columns, children included, in one flat order that follows from the schema alone. All
 * are checked against the body here, so that what reads them later stays within it.
 */
import { ArrowFormatError } from "../columnar/arrow-format-error.js";
import type { FlatTable } from "../columnar/flat-reader.js";
import type { ArrowField, ArrowType } from "../columnar/ipc-schema.js";
import { assertNever } from "../model/assert-never.js";

export interface ArrayPlace {
  readonly rows: number;
  /** Null when the writer did not count. */
  readonly nulls: number | null;
  readonly buffers: readonly BufferPlace[];
  readonly children: readonly ArrayPlace[];
}

/** Within the message's body. */
export interface BufferPlace {
  readonly offset: number;
  readonly length: number;
}

export interface BatchLayout {
  readonly rows: number;
  readonly columns: readonly ArrayPlace[];
}

const CODECS = ["lz4", "zstd"];

/** `header` is a RecordBatch of Message.fbs. */
export function layOutBatch(fields: readonly ArrowField[], header: FlatTable, bodyLength: number): BatchLayout {
  const compression = header.table(3);
  if (compression !== undefined) {
    throw new ArrowFormatError(`its record batches are compressed (${CODECS[compression.uint8(0)] ?? "unknown codec"}); write it without compression`);
  }
  const rows = header.int64(0);
  if (rows < 0 || rows > 0x7fffffff) throw new ArrowFormatError(`a record batch claims ${rows} rows`);
  const cursor = new LayoutCursor(header, rows, bodyLength);
  const columns = fields.map((field) => cursor.array(field));
  for (const [i, column] of columns.entries()) {
    if (column.rows !== rows) throw new ArrowFormatError(`column "${fields[i]?.name}" has ${column.rows} values in a record batch of ${rows} rows`);
  }
  cursor.mustBeAtEnd();
  return { rows, columns };
}

class LayoutCursor {
  private readonly nodes: readonly number[];
  private readonly buffers: readonly number[];
  private readonly variadic: readonly number[];
  private readonly bodyLength: number;
  /** Arrays that store nothing (of nulls, say) could claim any length; this is more than honest ones need. */
  private readonly mostRows: number;
  private node = 0;
  private buffer = 0;
  private view = 0;
  /** Bytes of the body that no buffer has claimed yet: overlapping claims could add up to any amount. */
  private unclaimed: number;

  constructor(header: FlatTable, rows: number, bodyLength: number) {
    this.nodes = header.longs(1, 2);
    this.buffers = header.longs(2, 2);
    this.variadic = header.longs(4, 1);
    this.bodyLength = bodyLength;
    this.unclaimed = bodyLength;
    this.mostRows = Math.max(rows, 8 * bodyLength) + 1024;
  }

  array(field: ArrowField): ArrayPlace {
    const rows = this.nodes[this.node++];
    const nulls = this.nodes[this.node++];
    if (rows === undefined || nulls === undefined) throw new ArrowFormatError("a record batch has fewer columns than its schema");
    if (rows < 0 || rows > this.mostRows || nulls < -1 || nulls > rows) throw new ArrowFormatError(`column "${field.name}" claims ${rows} values, ${nulls} of them null`);
    const count = field.dictionary === undefined ? this.bufferCount(field.type) : 2;
    if (count > this.buffers.length) throw new ArrowFormatError(`column "${field.name}" claims ${count} buffers`);
    const buffers = Array.from({ length: count }, () => this.place(field));
    const children = field.dictionary === undefined ? field.children.map((child) => this.array(child)) : [];
    return { rows, nulls: nulls === -1 ? null : nulls, buffers, children };
  }

  mustBeAtEnd(): void {
    if (this.node !== this.nodes.length || this.buffer !== this.buffers.length) throw new ArrowFormatError("a record batch has more columns than its schema");
  }

  private place(field: ArrowField): BufferPlace {
    const offset = this.buffers[this.buffer++];
    const length = this.buffers[this.buffer++];
    if (offset === undefined || length === undefined) throw new ArrowFormatError("a record batch has fewer buffers than its schema asks for");
    this.unclaimed -= length;
    if (offset < 0 || length < 0 || offset + length > this.bodyLength || this.unclaimed < 0) {
      throw new ArrowFormatError(`column "${field.name}" claims ${length} bytes at ${offset} of a record batch that has ${this.bodyLength}`);
    }
    return { offset, length };
  }

  private bufferCount(type: ArrowType): number {
    switch (type.kind) {
      case "null":
        return 0;
      case "struct":
      case "fixed-list":
        return 1;
      case "bool":
      case "int":
      case "float":
      case "decimal":
      case "date":
      case "time":
      case "timestamp":
      case "duration":
      case "fixed-binary":
      case "list":
      case "large-list":
      case "map":
        return 2;
      case "utf8":
      case "binary":
      case "large-utf8":
      case "large-binary":
        return 3;
      case "utf8-view":
      case "binary-view":
        return 2 + Math.max(0, this.variadic[this.view++] ?? 0);
      case "unreadable":
        return type.buffers;
      default:
        return assertNever(type);
    }
  }
}
