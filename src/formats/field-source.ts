/** The fields of one record, by number, as text. */
export interface FieldSource {
  readonly count: number;
  get(index: number): string;
  /** Whether the field stood in quotes, which tells an empty string from null. */
  isQuoted(index: number): boolean;
}

/** Fields that lie between delimiters in a longer text and need no unquoting; found without making a string of each. */
export class PlainFields implements FieldSource {
  count = 0;
  readonly #delimiter: string;
  #text = "";
  #end = 0;
  #starts = new Int32Array(16);
  /** The first delimiter that lies behind the records so far. */
  #nextDelimiter = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** Begins a new text. */
  load(text: string): void {
    this.#text = text;
    this.#nextDelimiter = -1;
  }

  /** Takes the record text[start..end). Records come in order. */
  split(start: number, end: number): void {
    const text = this.#text;
    const delimiter = this.#delimiter;
    let next = this.#nextDelimiter < start ? find(text, delimiter, start) : this.#nextDelimiter;
    let count = 0;
    this.#starts[0] = start;
    while (next < end) {
      if (++count === this.#starts.length) this.#grow();
      this.#starts[count] = next + 1;
      next = find(text, delimiter, next + 1);
    }
    this.#nextDelimiter = next;
    this.count = count + 1;
    this.#end = end;
  }

  get(index: number): string {
    return this.#text.substring(this.#starts[index]!, index === this.count - 1 ? this.#end : this.#starts[index + 1]! - 1);
  }

  isQuoted(): boolean {
    return false;
  }

  #grow(): void {
    const grown = new Int32Array(this.#starts.length * 2);
    grown.set(this.#starts);
    this.#starts = grown;
  }
}

function find(text: string, delimiter: string, from: number): number {
  const found = text.indexOf(delimiter, from);
  return found < 0 ? Infinity : found;
}
