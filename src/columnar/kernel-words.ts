/**
 * Counts the words of UTF-8 text in a kernel key table: lines that the kernel cannot judge (characters of four bytes, invalid
 * UTF-8, a capital sigma to be lowered that may end a word) go to a plain function, by which the words of all others are defined, too.
 * With `lowercase`, only A-Z are lowered here: whoever takes the words lowers those that are not ASCII, which are few.
 */
import { isAscii, isUtf8 } from "node:buffer";
import type { BytesColumn } from "./columns.js";
import { PLACES, TEXT_BYTES, type KernelKeyTable } from "./kernel-key-table.js";

/** Text given to the kernel at once: little, so that it does not push the table out of the cache. */
const PIECE_BYTES = 64 << 10;
/** Words that are passed on at once. */
export const MOST_WORDS = PIECE_BYTES / 2;
const NEWLINE = 10;
const SPACE = 32;

export interface WordRules {
  /** Lower A-Z. */
  readonly lowercase: boolean;
  /** Matches runs of letters, digits and marks; global. */
  readonly characters: RegExp;
  /** Counts the words of lines that the kernel does not take. */
  readonly plain: (lines: string) => void;
  /** Takes words instead of the table, once that is not worth while; the keys are valid during the call, and at most MOST_WORDS. */
  readonly takeWords?: ((keys: BytesColumn, rows: number) => void) | undefined;
  /** Called now and then between words; may clear the table. */
  readonly afterBlock?: () => void;
}

export class KernelWords {
  readonly #table: KernelKeyTable;
  readonly #rules: WordRules;

  constructor(table: KernelKeyTable, rules: WordRules) {
    this.#table = table;
    this.#rules = rules;
  }

  /** Counts the words of whole lines; returns how many lines there are. */
  add(lines: Buffer): number {
    let newlines = 0;
    for (let from = 0; from < lines.length; ) {
      const to = pieceEnd(lines, from);
      const piece = lines.subarray(from, to);
      newlines += piece.length <= TEXT_BYTES ? this.#addPiece(piece) : this.#addPlainly(piece);
      from = to;
    }
    return newlines + (lines.length > 0 && lines[lines.length - 1] !== NEWLINE ? 1 : 0);
  }

  #addPlainly(piece: Buffer): number {
    this.#rules.plain(piece.toString());
    this.#rules.afterBlock?.();
    return piece[piece.length - 1] === NEWLINE ? 1 : 0;
  }

  #addPiece(piece: Buffer): number {
    const table = this.#table;
    const { call, memory } = table.kernels;
    const { length } = piece;
    memory.set(piece, PLACES.text);
    memory.fill(0, PLACES.text + length, PLACES.text + length + 64);
    const isPlain = isAscii(piece);
    const foreign = isPlain ? [] : this.#takeForeignLines(piece);
    const newlines = call.markWords(PLACES.text, length, PLACES.marks, PLACES.wordCharacters, Number(this.#rules.lowercase));
    if (this.#rules.takeWords && length <= PIECE_BYTES && (isPlain || !this.#rules.lowercase)) this.#passOn(length);
    else table.countWords(length);
    this.#rules.afterBlock?.();
    // Last, for its words go to the table by way of the text.
    for (const line of foreign) this.#rules.plain(line);
    return newlines;
  }

  /** Words are copied, with their offsets, to where longer pieces have text. */
  #passOn(length: number): void {
    const { call, memory } = this.#table.kernels;
    const offsets = PLACES.text + 2 * PIECE_BYTES;
    const bytes = offsets + 4 * PIECE_BYTES;
    const rows = call.copyWords(PLACES.text, PLACES.marks, length, bytes, offsets);
    if (rows === 0) return;
    this.#rules.takeWords!({ kind: "bytes", offsets: new Int32Array(memory.buffer, offsets, rows + 1), bytes: memory.subarray(bytes, bytes + PIECE_BYTES) }, rows);
  }

  /** Puts spaces in the place of lines that the kernel does not take, and returns those. */
  #takeForeignLines(piece: Buffer): string[] {
    this.#learnCharacters();
    const { memory } = this.#table.kernels;
    const foreign: string[] = [];
    for (const [start, end] of isUtf8(piece) ? this.#foreignLines(piece) : invalidLines(piece, this.#rules.lowercase)) {
      foreign.push(piece.toString("utf8", start, end));
      // Newlines are counted.
      memory.fill(SPACE, PLACES.text + start, PLACES.text + end - (piece[end - 1] === NEWLINE ? 1 : 0));
    }
    return foreign;
  }

  *#foreignLines(piece: Buffer): Generator<[number, number]> {
    const { call } = this.#table.kernels;
    for (let from = 0; ; ) {
      const at = call.findForeign(PLACES.text, from, piece.length, Number(this.#rules.lowercase));
      if (at < 0) return;
      const end = lineEnd(piece, at);
      yield [piece.subarray(from, at).lastIndexOf(NEWLINE) + 1 + from, end];
      from = end;
    }
  }

  #learnCharacters(): void {
    const { characters } = this.#rules;
    if (this.#table.wordCharacters === characters) return;
    this.#table.kernels.memory.set(characterBits(characters), PLACES.wordCharacters);
    this.#table.wordCharacters = characters;
  }
}

/** Where the next piece of text ends: cut where no word is; where it cannot be cut, the whole line. */
function pieceEnd(lines: Buffer, from: number): number {
  if (lines.length - from <= PIECE_BYTES) return lines.length;
  const most = lines.subarray(from, from + PIECE_BYTES);
  const cut = most.lastIndexOf(NEWLINE) + 1 || most.lastIndexOf(SPACE) + 1;
  return cut > 0 ? from + cut : lineEnd(lines, from);
}

function lineEnd(lines: Buffer, from: number): number {
  const newline = lines.indexOf(NEWLINE, from);
  return newline < 0 ? lines.length : newline + 1;
}

/** Lines of text that is not valid UTF-8 as a whole: those of characters that the kernel does not know. */
function* invalidLines(piece: Buffer, lowercase: boolean): Generator<[number, number]> {
  for (let from = 0; from < piece.length; ) {
    const end = lineEnd(piece, from);
    const line = piece.subarray(from, end);
    if (!isUtf8(line) || line.some((byte) => byte >= 0xf0) || (lowercase && line.includes(CAPITAL_SIGMA))) yield [from, end];
    from = end;
  }
}

const CAPITAL_SIGMA = "\u03a3";

/** A bit for each character up to U+FFFF. */
function characterBits(characters: RegExp): Uint8Array {
  const bits = new Uint8Array(1 << 13);
  const units = Uint16Array.from({ length: 1 << 16 }, (_, code) => (code >= 0xd800 && code < 0xe000 ? SPACE : code));
  for (const { index, 0: run } of Buffer.from(units.buffer).toString("utf16le").matchAll(characters)) {
    for (let code = index; code < index + run.length; code++) bits[code >> 3]! |= 1 << (code & 7);
  }
  return bits;
}
