/**
 * Writes rows as an Arrow IPC file: magic, schema, record batches, and a footer that says where each batch
 * lies. Rows gather in column builders until a batch is full. Equal rows give equal bytes.
 */
import type { ByteSink } from "../columnar/byte-sink.js";
import { encodeFlat, longs, scalar, table } from "../columnar/flat-writer.js";
import { encodeBatchMessage } from "../columnar/ipc-batch.js";
import { END_OF_STREAM, MESSAGE_PREFIX, METADATA_V5, metadataLength } from "../columnar/ipc-message.js";
import { encodeSchemaMessage, schemaNode, type ArrowField } from "../columnar/ipc-schema.js";
import type { OutputSpec } from "../model/job-spec.js";
import { showValue } from "../model/show-value.js";
import { builderFor, inferringBuilder } from "./arrow-builder-for.js";
import { appendMembers, mustHaveOnly, type MemberBuilder } from "./arrow-nested-builder.js";
import type { Meter } from "./arrow-validity.js";
import type { RowEncoder } from "./row-encoder.js";

const BATCH_ROWS = 65_536;
const BATCH_BYTES = 8 << 20;

/** "ARROW1", at both ends of a file; the one in front is padded to 8 bytes. */
const ARROW_MAGIC: Uint8Array = new TextEncoder().encode("ARROW1");

export function createArrowEncoder(spec: OutputSpec & { readonly format: "arrow" }): RowEncoder {
  return new ArrowEncoder(spec);
}

class ArrowEncoder implements RowEncoder {
  readonly extension = "arrow";
  private readonly meter: Meter = { bytes: 0 };
  /** Without a schema, known from the first row on. */
  private columns: readonly MemberBuilder[] | undefined;
  private readonly inferred: boolean;
  private names: ReadonlySet<string> = new Set();
  private rows = 0;
  /** Set once the schema is written, at the first batch. */
  private fields: readonly ArrowField[] | undefined;
  /** Offset in the file, length of prefix and metadata, and length of body of each batch, as the footer lists them. */
  private readonly blocks: number[] = [];
  private written = 0;

  constructor(spec: OutputSpec & { readonly format: "arrow" }) {
    this.inferred = spec.schema === undefined;
    this.columns = spec.schema?.map((field) => ({ name: field.name, builder: builderFor(field.type, this.meter) }));
  }

  begin(out: ByteSink): void {
    this.write(ARROW_MAGIC, out);
    this.write(new Uint8Array(2), out);
  }

  encode(row: unknown, out: ByteSink): void {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw new TypeError(`An Arrow row must be an object with a member for each column, got ${showValue(row)}`);
    }
    this.columns ??= this.inferColumns(row);
    try {
      appendMembers("column", this.columns, row);
      if (this.inferred) mustHaveOnly(this.names, row);
    } catch (error) {
      for (const { builder } of this.columns) builder.truncate(this.rows);
      throw error;
    }
    this.rows++;
    if (this.rows === BATCH_ROWS || this.meter.bytes >= BATCH_BYTES) this.flush(this.columns, out);
  }

  end(out: ByteSink): void {
    const columns = this.columns ?? [];
    if (this.rows > 0) this.flush(columns, out);
    const fields = this.writeSchema(columns, out);
    this.write(END_OF_STREAM, out);
    const footer = encodeFlat(table(scalar(2, METADATA_V5), schemaNode(fields), longs(3, []), longs(3, this.blocks)));
    this.write(footer, out);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setInt32(0, footer.length, true);
    this.write(length, out);
    this.write(ARROW_MAGIC, out);
  }

  private inferColumns(row: object): readonly MemberBuilder[] {
    const names = Object.keys(row);
    this.names = new Set(names);
    return names.map((name) => ({ name, builder: inferringBuilder(this.meter) }));
  }

  private flush(columns: readonly MemberBuilder[], out: ByteSink): void {
    this.writeSchema(columns, out);
    const nodes: number[] = [];
    const buffers: Uint8Array[] = [];
    for (const { builder } of columns) builder.drain(nodes, buffers);
    const message = encodeBatchMessage(this.rows, nodes, buffers);
    const head = MESSAGE_PREFIX + metadataLength(message);
    this.blocks.push(this.written, head, message.length - head);
    this.write(message, out);
    this.rows = 0;
    this.meter.bytes = 0;
  }

  private writeSchema(columns: readonly MemberBuilder[], out: ByteSink): readonly ArrowField[] {
    if (this.fields === undefined) {
      this.fields = columns.map(({ name, builder }) => builder.field(name));
      this.write(encodeSchemaMessage(this.fields), out);
    }
    return this.fields;
  }

  private write(bytes: Uint8Array, out: ByteSink): void {
    out.append(bytes);
    this.written += bytes.length;
  }
}
