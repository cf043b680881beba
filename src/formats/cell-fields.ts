/** How the content of a field stands in the record. */
export const PLAIN = 0;
/** Between quotes, without any in it. */
export const QUOTED = 1;
/** With doubled quotes or backslashes that `unescape` resolves. */
export const ESCAPED = 2;

/**
 * The fields of one record as ranges of its bytes: what an index fills for record after record. CSV and TSV
 * have each their own index. Content of field i is bytes[starts[i]..ends[i]), without quotes around it.
 */
export abstract class CellFields {
  /** Fields of the record. */
  count = 0;
  /** What keeps the record from being read, apart from the number of its fields. */
  problem: string | undefined;
  /** Whether all bytes of the record are known to be ASCII. */
  ascii = true;
  starts: Int32Array;
  ends: Int32Array;
  marks: Uint8Array;
  private readonly most: number;

  /** `most` is the number of fields that are looked at; those behind are only counted. */
  constructor(most: number) {
    this.most = most;
    const capacity = Math.min(most, 64);
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    this.marks = new Uint8Array(capacity);
  }

  /** Takes the record at `at`, which may end with the chunk instead of a newline. Returns where the next one begins. */
  abstract index(chunk: Buffer, at: number): number;

  /** The content of an ESCAPED field. Valid until the next call. */
  abstract unescape(chunk: Buffer, start: number, end: number): Buffer;

  /** A line with nothing on it. */
  get blank(): boolean {
    return this.count === 1 && this.starts[0] === this.ends[0] && this.marks[0] === PLAIN;
  }

  protected put(field: number, start: number, end: number, mark: number): void {
    if (field >= this.starts.length && !this.grow(field)) return;
    this.starts[field] = start;
    this.ends[field] = end;
    this.marks[field] = mark;
  }

  private grow(field: number): boolean {
    if (field >= this.most) return false;
    const capacity = Math.min(this.most, this.starts.length * 2);
    this.starts = resized(this.starts, new Int32Array(capacity));
    this.ends = resized(this.ends, new Int32Array(capacity));
    this.marks = resized(this.marks, new Uint8Array(capacity));
    return true;
  }
}

function resized<Numbers extends Int32Array | Uint8Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
