/** words() as an ordinary map over lines: the twin that faster forms are tested against, and what those call for lines that they do not take. */
import type { AnyMapper, WordsOptions } from "../job/operators.js";
import type { WordCount } from "../shuffle/word-table.js";
import { userFailure } from "./user-failure.js";

export type WordsMapper = AnyMapper & { readonly operator: { readonly name: "words" } };

export function isWords(map: AnyMapper): map is WordsMapper {
  return map.operator.name === "words";
}

export function plainWords({ operator: { options }, lifted }: WordsMapper): (line: string, emit: (key: unknown, one: number) => void) => void {
  return (line, emit) =>
    forEachWord(line, options, (word) => {
      const key = lifted === undefined ? word : lifted(word);
      if (key !== undefined) emit(key, 1);
    });
}

/** The same for a table that counts words. */
export function wordRules({ operator: { options }, lifted }: WordsMapper): WordCount {
  const plain: WordCount["plain"] = (line, emit) => forEachWord(line, options, emit);
  return { lowercase: options.lowercase === true, characters: CHARACTERS, plain, ...(lifted === undefined ? {} : { lift: named(lifted) }) };
}

function forEachWord(line: string, { lowercase }: WordsOptions, visit: (word: string) => void): void {
  for (const [word] of (lowercase === true ? line.toLowerCase() : line).matchAll(WORD)) visit(word);
}

const CHARACTERS = /[\p{L}\p{N}\p{M}]+/gu;
const WORD = /[\p{L}\p{N}\p{M}]+(?:['\u2019][\p{L}\p{N}\p{M}]+)*/gu;

/** Says of which word an error is. */
function named(lifted: (word: string) => unknown): (word: string) => unknown {
  return (word) => {
    try {
      return lifted(word);
    } catch (error) {
      throw userFailure("lift", error, { record: word });
    }
  };
}
