const encoder = new TextEncoder();
/** Of the first growth: sinks of which nothing is ever asked, as in tasks that emit nothing, take no memory. */
const FIRST_BYTES = 1024;
const NOTHING = new Uint8Array(0);

/** A growing run of bytes. Writers append; whoever drains it copies `view()` and calls `clear()`. */
export class ByteSink {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 0) {
    this.bytes = capacity === 0 ? NOTHING : new Uint8Array(capacity);
  }

  /** Makes room for `extra` more bytes. Invalidates earlier views. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2, FIRST_BYTES));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Little-endian. */
  uint32(value: number): void {
    this.reserve(4);
    const { bytes, length } = this;
    bytes[length] = value;
    bytes[length + 1] = value >>> 8;
    bytes[length + 2] = value >>> 16;
    bytes[length + 3] = value >>> 24;
    this.length = length + 4;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Appends bytes[start..end), which are few: about 1 ns a byte. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > 64) return this.append(bytes.subarray(start, end));
    this.reserve(end - start);
    const own = this.bytes;
    let at = this.length;
    for (let i = start; i < end; i++) own[at++] = bytes[i]!;
    this.length = at;
  }

  /** Appends a string as UTF-8; lone surrogates become U+FFFD. Short ASCII, the common case, costs about 1 ns a character. */
  utf8(text: string): void {
    const size = text.length;
    this.reserve(size * 3);
    if (size > 64) {
      this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
      return;
    }
    const { bytes } = this;
    const start = this.length;
    let seen = 0;
    for (let i = 0; i < size; i++) {
      const code = text.charCodeAt(i);
      seen |= code;
      bytes[start + i] = code;
    }
    if (seen < 0x80) this.length = start + size;
    else this.length = start + encoder.encodeInto(text, bytes.subarray(start)).written;
  }

  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}
