import type { WordsOptions } from "../job/operators.js";

/** words() as an ordinary map over lines: the twin that faster forms are tested against. */
export function plainWords({ lowercase = false }: WordsOptions): (line: string, emit: (word: string, one: number) => void) => void {
  return (line, emit) => {
    for (const [word] of (lowercase ? line.toLowerCase() : line).matchAll(WORD)) emit(word, 1);
  };
}

const WORD = /[\p{L}\p{N}\p{M}]+(?:['\u2019][\p{L}\p{N}\p{M}]+)*/gu;
