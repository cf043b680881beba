/** Which of many words lowering changes though their A-Z are low already: only those are made strings. */
import { isAscii } from "node:buffer";
import { decodeUtf8 } from "../columnar/codec.js";
import type { BytesColumn } from "../columnar/columns.js";

export interface ChangingWord {
  readonly row: number;
  readonly lowered: string;
}

export function changingWords({ offsets, bytes }: BytesColumn, rows: number): ChangingWord[] {
  const changing: ChangingWord[] = [];
  if (isAscii(bytes)) return changing;
  const letters = new Letters();
  for (let row = 0; row < rows; row++) {
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (!letters.anyChanges(bytes, start, end)) continue;
    const word = decodeUtf8(bytes, start, end);
    const lowered = word.toLowerCase();
    if (lowered !== word) changing.push({ row, lowered });
  }
  return changing;
}

const SAME = 1;
const CHANGES = 2;

class Letters {
  /** Of each character up to U+FFFF that has come: whether lowering changes it. */
  readonly #known = new Uint8Array(1 << 16);

  /** Whether lowering may change anything in valid UTF-8. */
  anyChanges(bytes: Uint8Array, start: number, end: number): boolean {
    for (let i = start; i < end; ) {
      const lead = bytes[i++]!;
      if (lead < 0x80) continue;
      if (lead >= 0xf0) return true;
      let code = ((lead & 31) << 6) | (bytes[i++]! & 63);
      if (lead >= 0xe0) code = (code << 6) | (bytes[i++]! & 63);
      if ((this.#known[code] || this.#learn(code)) === CHANGES) return true;
    }
    return false;
  }

  #learn(code: number): number {
    const letter = String.fromCharCode(code);
    return (this.#known[code] = letter.toLowerCase() === letter ? SAME : CHANGES);
  }
}
