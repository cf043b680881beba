/**
 * Words of text, counted where they stand: the map-side half of an aggregation of words(). A kernel table counts the words
 * as they are written, and only when it spills, once for each distinct word, what is left to do is done: letters beyond
 * ASCII are lowered, and the user's lifted function makes a key of the word.
 */
import type { AggregateState } from "../columnar/aggregates/aggregate-state.js";
import { ByteSink } from "../columnar/byte-sink.js";
import { decodeUtf8, encoderFor } from "../columnar/codec.js";
import type { BytesColumn, Column } from "../columnar/columns.js";
import type { KernelKeyTable } from "../columnar/kernel-key-table.js";
import { KernelWords, MOST_WORDS } from "../columnar/kernel-words.js";
import { gatherBytes } from "../columnar/gather.js";
import { rowNumbers } from "../columnar/row-numbers.js";
import { KeyTable } from "../columnar/key-table.js";
import type { TypeSpec } from "../model/type-spec.js";
import { changingWords } from "./changing-words.js";
import { spillOnes, type Spill } from "./partial-results.js";

export interface WordCount {
  readonly lowercase: boolean;
  /** Matches runs of letters, digits and marks; global. */
  readonly characters: RegExp;
  /** The words of a line that the kernel does not take, lowered if need be. */
  readonly plain: (line: string, emit: (word: string) => void) => void;
  /** Makes a key of a word; undefined drops it. */
  readonly lift?: (word: string) => unknown;
}

/** Different words that are no longer in the cache: so many tell whether words repeat. */
const MANY_WORDS = 1 << 18;
/** Share of new ones among them. */
const MOSTLY_NEW = 0.8;

/** Keys with how often each came. */
interface Counted {
  readonly rows: number;
  readonly keys: BytesColumn;
  readonly times: Float64Array;
}

export class WordTable {
  readonly #table: KernelKeyTable;
  readonly #state: AggregateState;
  readonly #keyType: TypeSpec;
  readonly #rules: WordCount;
  readonly #spill: Spill;
  readonly #words: KernelWords;
  /** How often all words were handed out. */
  flushes = 0;
  /** Partial results of words that came once each, for as many as are passed on at once: how it passes words on. */
  #single: readonly Column[] | undefined;
  #isJudged = false;

  /** `spill` gets words with partial results whenever `budget` bytes are in use. */
  constructor(table: KernelKeyTable, state: AggregateState, keyType: TypeSpec, rules: WordCount, budget: number, spill: Spill) {
    this.#table = table;
    this.#state = state;
    this.#keyType = keyType;
    this.#rules = rules;
    this.#spill = spill;
    const isFull = (): boolean => table.bytes >= budget;
    // The rules' own this is not the table.
    const passOn = (keys: BytesColumn, rows: number): void => this.#spill({ rows, keys, values: this.#single! });
    const passes = (): boolean => this.#single !== undefined;
    const count = (word: string): void => void table.encodeText(word);
    this.#words = new KernelWords(table, {
      lowercase: rules.lowercase,
      characters: rules.characters,
      plain: (line) => rules.plain(line, count),
      get takeWords() {
        return passes() ? passOn : undefined;
      },
      afterBlock: () => {
        if (isFull()) this.flush();
        if (!this.#isJudged && table.size >= MANY_WORDS) this.#judge();
      },
    });
  }

  /** Counts the words of whole lines; returns how many lines there are. */
  add(lines: Buffer): number {
    return this.#words.add(lines);
  }

  flush(): void {
    const { lift, lowercase } = this.#rules;
    if (lift !== undefined) this.#spillKeys(this.#lifted(lift));
    else this.#spillKeys(lowercase ? this.#lowered() : this.#counted());
    this.#table.clear();
    this.flushes++;
  }

  /** Words that hardly ever repeat go to their partitions as they come: to look them up in a table beyond the cache costs more than the few that it saves. */
  #judge(): void {
    this.#isJudged = true;
    const { ofTimes } = this.#state;
    if (ofTimes === undefined || this.#rules.lift !== undefined) return;
    const words = this.#table.hits().reduce((sum, times) => sum + times, 0);
    if (this.#table.size < words * MOSTLY_NEW) return;
    this.flush();
    this.#single = ofTimes(new Float64Array(MOST_WORDS).fill(1)).partials;
  }

  #spillKeys({ rows, keys, times }: Counted): void {
    spillOnes(this.#state, keys, times, rows, this.#spill);
  }

  #counted(): Counted {
    return { rows: this.#table.size, keys: this.#table.keys(), times: this.#table.hits() };
  }

  /** Adds words that have letters to lower to what they are then. */
  #lowered(): Counted {
    const table = this.#table;
    const changing = changingWords(table.keys(), table.size);
    const codes = changing.map(({ lowered }) => table.encodeText(lowered));
    const { rows, keys, times } = this.#counted();
    if (changing.length === 0) return { rows, keys, times };
    changing.forEach(({ row }, i) => {
      // Less the one hit of looking it up. What has been lowered changes no more, so no row is both.
      times[codes[i]!]! += times[row]! - 1;
      times[row] = 0;
    });
    const kept = rowNumbers(rows).filter((row) => times[row] !== 0);
    return { rows: kept.length, keys: gatherBytes(keys, kept, 0, kept.length), times: times.filter((count) => count !== 0) };
  }

  /** The same counts by the keys that the words become. */
  #lifted(lift: (word: string) => unknown): Counted {
    const { rows, keys, times } = this.#counted();
    const { lowercase } = this.#rules;
    const encode = encoderFor(this.#keyType);
    const lifted = new ByteSink(keys.bytes.length + 1024);
    const offsets = new Int32Array(rows + 1);
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const word = decodeUtf8(keys.bytes, keys.offsets[row]!, keys.offsets[row + 1]!);
      const key = lift(lowercase ? word.toLowerCase() : word);
      if (key === undefined) continue;
      encode(key, lifted);
      times[count++] = times[row]!;
      offsets[count] = lifted.length;
    }
    const table = new KeyTable(0, count);
    const codes = new Int32Array(count);
    table.encode({ kind: "bytes", offsets, bytes: lifted.bytes }, count, codes);
    const summed = new Float64Array(table.size);
    for (let row = 0; row < count; row++) summed[codes[row]!]! += times[row]!;
    return { rows: table.size, keys: table.keys(), times: summed };
  }
}
