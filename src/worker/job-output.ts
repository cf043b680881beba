/**
 * What the executor of one job prints, on its way to the coordinator: in pieces that fit a message, and no more
 * than a bounded rate. What is over the rate is left out, and the job's log says how much.
 */
import type { JobId, WorkerId } from "../model/ids.js";
import { encode } from "../protocol/codec.js";
import type { JobOutput } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import type { Transport } from "../transport/transport.js";

/** Characters in a piece: at most 6 KB, and twice that for the worst of escapes. */
const PIECE = 2_000;
/** Characters that may go out at once, and each second after that. */
const BURST = 256 << 10;
const RATE = 64 << 10;
/** Milliseconds that pieces are gathered before they go. */
const GATHER = 100;

export interface JobOutputOptions {
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly worker: WorkerId;
  readonly job: JobId;
}

export class JobOutputStream {
  readonly #options: JobOutputOptions;
  #text = "";
  #credit = BURST;
  #creditAt = performance.now();
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: JobOutputOptions) {
    this.#options = options;
  }

  write(text: string): void {
    const now = performance.now();
    this.#credit = Math.min(BURST, this.#credit + ((now - this.#creditAt) / 1000) * RATE);
    this.#creditAt = now;
    const taken = text.slice(0, wholeCharacters(text, Math.floor(this.#credit)));
    this.#credit -= taken.length;
    if (taken.length > 0 && this.#dropped > 0) {
      this.#text += `[${this.#dropped} characters of output left out: more than ${RATE >> 10} KiB a second]\n`;
      this.#dropped = 0;
    }
    this.#text += taken;
    this.#dropped += text.length - taken.length;
    this.#timer ??= setTimeout(() => this.flush(), GATHER);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { transport, subjects, worker, job } = this.#options;
    for (let start = 0, end: number; start < this.#text.length; start = end) {
      end = wholeCharacters(this.#text, start + PIECE);
      transport.publish(subjects.output, encode({ worker, job, text: this.#text.slice(start, end) } satisfies JobOutput));
    }
    this.#text = "";
  }
}

/** The last place up to `end` that does not cut a character in two: some take two places in a string. */
function wholeCharacters(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return end < text.length && last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
}
