/**
 * Letters to one receiver that are posted in one turn of the event loop travel together: when tasks are short, a message
 * costs more than all that it says. Those that are posted while others are under way wait until these are answered, though not for long.
 */
/** Milliseconds. */
const LONGEST_HOLD = 5;

export class Mailbag<T> {
  readonly #carry: (letters: readonly T[]) => Promise<unknown>;
  readonly #longestHold: number;
  #letters: T[] = [];
  #underWay = 0;
  #hold: NodeJS.Timeout | undefined;

  /** `carry` sends letters and resolves when they are answered, or nobody answers; it never rejects. */
  constructor(carry: (letters: readonly T[]) => Promise<unknown>, longestHold = LONGEST_HOLD) {
    this.#carry = carry;
    this.#longestHold = longestHold;
  }

  post(letter: T): void {
    if (this.#letters.push(letter) > 1) return;
    if (this.#underWay === 0) setImmediate(() => this.#send());
    else this.#hold = setTimeout(() => this.#send(), this.#longestHold);
  }

  get isIdle(): boolean {
    return this.#underWay === 0 && this.#letters.length === 0;
  }

  #send(): void {
    clearTimeout(this.#hold);
    const letters = this.#letters;
    if (letters.length === 0) return;
    this.#letters = [];
    this.#underWay++;
    void this.#carry(letters).then(() => {
      this.#underWay--;
      // After what the answer brings about at once.
      if (this.#underWay === 0 && this.#letters.length > 0) setImmediate(() => this.#send());
    });
  }
}
