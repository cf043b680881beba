import type { Separators } from "./cell-separators.js";

/** How the content of a field stands in the record. */
export const PLAIN = 0;
/** Between quotes, without any in it. */
export const QUOTED = 1;
/** With doubled quotes or backslashes that `unescape` resolves. */
export const ESCAPED = 2;

const RETURN = 13;

/**
 * The fields of one record as ranges of its bytes: what an index fills for record after record. Content of
 * field i is bytes[starts[i]..ends[i]), without quotes around it. CSV and TSV differ in what takes a closer look.
 */
export abstract class CellFields {
  /** Fields of the record. */
  count = 0;
  /** What keeps the record from being read, apart from the number of its fields. */
  problem: string | undefined;
  starts: Int32Array;
  ends: Int32Array;
  marks: Uint8Array;
  private readonly separators: Separators;
  private readonly most: number;
  /** Whether some mark may be other than PLAIN. */
  private marked = false;
  /** What the separators that are left belong to. */
  private chunk: Buffer | undefined;
  private at = 0;

  /** `most` is the number of fields that are looked at; those behind are only counted. */
  constructor(separators: Separators, most: number) {
    this.separators = separators;
    this.most = most;
    const capacity = Math.min(most, 64);
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    this.marks = new Uint8Array(capacity);
  }

  /** Takes the record at `at`, which may end with the chunk instead of a newline. Returns where the next one begins. */
  index(chunk: Buffer, at: number): number {
    const ready = this.chunk === chunk && this.at === at;
    const next = ready ? this.indexPlain(chunk, at) : -1;
    return next >= 0 ? next : this.refill(chunk, at);
  }

  /** The same for a record among others that are not looked at: costs nothing beyond it. */
  indexOne(chunk: Buffer, at: number): number {
    this.chunk = undefined;
    return this.indexAny(chunk, at);
  }

  /** The content of an ESCAPED field. Valid until the next call. */
  abstract unescape(chunk: Buffer, start: number, end: number): Buffer;

  /** Indexes any record at all, into `put`, `count` and `problem`. */
  protected abstract indexAny(chunk: Buffer, at: number): number;

  /** A line with nothing on it. */
  get blank(): boolean {
    return this.count === 1 && this.starts[0] === this.ends[0] && this.marks[0] === PLAIN;
  }

  protected put(field: number, start: number, end: number, mark: number): void {
    if (field >= this.starts.length && !this.grow(field)) return;
    this.starts[field] = start;
    this.ends[field] = end;
    this.marks[field] = mark;
    if (mark !== PLAIN) this.marked = true;
  }

  private refill(chunk: Buffer, at: number): number {
    this.separators.fill(chunk, at);
    this.chunk = chunk;
    this.at = at;
    const next = this.indexPlain(chunk, at);
    if (next >= 0) return next;
    // Nothing is known of what follows.
    this.chunk = undefined;
    return this.indexAny(chunk, at);
  }

  /** Indexes a record of which all separators are found; -1 when they are not, or when it has more fields than there is room for. */
  private indexPlain(chunk: Buffer, at: number): number {
    const { separators, starts, ends } = this;
    const { found, count } = separators;
    const room = starts.length;
    let start = at;
    let field = 0;
    for (let i = separators.next; i < count; i++, field++) {
      const separator = found[i]!;
      const end = separator < 0 ? ~separator : separator;
      if (field < room) {
        starts[field] = start;
        ends[field] = end;
      } else if (field < this.most) return -1;
      if (separator < 0) {
        if (end > start && chunk[end - 1] === RETURN && field < room) ends[field] = end - 1;
        separators.next = i + 1;
        this.count = field + 1;
        this.problem = undefined;
        if (this.marked) this.unmark();
        this.at = end + 1;
        return end + 1;
      }
      start = end + 1;
    }
    return -1;
  }

  private unmark(): void {
    this.marks.fill(PLAIN);
    this.marked = false;
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
