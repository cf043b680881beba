import type { FieldSource } from "./field-source.js";

/** The fields of a record in which a quote occurs, taken apart by the rules of csv-scan.ts. */
export class QuotedFields implements FieldSource {
  readonly #delimiter: string;
  readonly #fields: string[] = [];
  readonly #quoted: boolean[] = [];
  /** What is wrong with the record; undefined when nothing is. */
  problem: string | undefined;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  get count(): number {
    return this.#fields.length;
  }

  get(index: number): string {
    return this.#fields[index]!;
  }

  isQuoted(index: number): boolean {
    return this.#quoted[index]!;
  }

  /** Takes the record that begins at `at` and returns where the next one begins. */
  parse(text: string, at: number): number {
    this.#fields.length = 0;
    this.#quoted.length = 0;
    this.problem = undefined;
    for (;;) {
      const quoted = text[at] === '"';
      const value = quoted ? this.#quotedField(text, at) : this.#plainField(text, at);
      this.#quoted.push(quoted);
      this.#fields.push(value.text);
      const end = text[value.end];
      at = value.end + 1;
      if (end !== this.#delimiter) return Math.min(at, text.length);
    }
  }

  /** A field up to its delimiter, newline or the end of the text. */
  #plainField(text: string, start: number): { text: string; end: number } {
    const end = this.#fieldEnd(text, start);
    return { text: text.slice(start, trimmedEnd(text, start, end)), end };
  }

  #quotedField(text: string, start: number): { text: string; end: number } {
    let value = "";
    for (let from = start + 1; ; ) {
      const quote = text.indexOf('"', from);
      if (quote < 0) {
        this.problem ??= "a quote is opened but never closed";
        return { text: value + text.slice(from), end: text.length };
      }
      value += text.slice(from, quote);
      if (text[quote + 1] !== '"') {
        const end = this.#fieldEnd(text, quote + 1);
        if (trimmedEnd(text, quote + 1, end) > quote + 1) this.problem ??= `field ${this.#fields.length + 1} goes on after its closing quote`;
        return { text: value, end };
      }
      value += '"';
      from = quote + 2;
    }
  }

  #fieldEnd(text: string, start: number): number {
    for (let at = start; at < text.length; at++) if (text[at] === this.#delimiter || text[at] === "\n") return at;
    return text.length;
  }
}

/** Without the `\r` of a `\r\n`. */
function trimmedEnd(text: string, start: number, end: number): number {
  return text[end] === "\n" && end > start && text[end - 1] === "\r" ? end - 1 : end;
}
