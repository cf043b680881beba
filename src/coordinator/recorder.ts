/**
 * Between an event and its effects (commands, replies) stands the journal: the scheduler may know at once, the
 * world learns of it when the event is durable. Events that come while one write is under way share the next.
 */
import type { JournalEntry } from "./journal-entry.js";
import { encodeEntries } from "./journal-entry.js";

export interface Recorder {
  /** Calls `effect` when the entry, and all before it, is durable; resolves after that. Effects come in order, also those without an entry. */
  record(entry: JournalEntry | undefined, effect: () => void): Promise<void>;
  /** For an entry that may be lost. */
  note(entry: JournalEntry): void;
  /** Begins the journal anew with entries that stand for all before them; resolves when that is durable. */
  replace(entries: readonly JournalEntry[]): Promise<void>;
  /** Resolves when nothing is being written any more. */
  close(): Promise<void>;
}

const DONE = Promise.resolve();

/** For a coordinator that nobody restarts. */
export const noRecorder: Recorder = {
  record(_, effect) {
    effect();
    return DONE;
  },
  note() {},
  replace: () => DONE,
  close: () => DONE,
};

/** Where the journal's frames go. */
export interface FrameSink {
  /** Resolves when the payload is durable. After a failure nothing may be appended any more. */
  append(payload: Uint8Array): Promise<void>;
  /** The same, and what was there before is gone. */
  beginAnew(payload: Uint8Array): Promise<void>;
  readonly bytes: number;
  /** Whether this coordinator is still the one in charge. */
  isCurrent(): boolean;
  close(): Promise<void>;
}

export class JournalRecorder implements Recorder {
  readonly #sink: FrameSink;
  readonly #onBroken: (error: unknown) => void;
  #pending: JournalEntry[] = [];
  /** Whether those that are pending replace what was written. */
  #anew = false;
  #effects: (() => void)[] = [];
  /** Of the entries that are pending. */
  #next: { readonly durable: Promise<void>; readonly settle: () => void } | undefined;
  #writing: Promise<void> | undefined;
  #broken = false;

  /** `onBroken` hears once: the journal cannot be written, or (undefined) another coordinator is in charge. */
  constructor(sink: FrameSink, onBroken: (error: unknown) => void) {
    this.#sink = sink;
    this.#onBroken = onBroken;
  }

  /** Never resolves once the journal is broken: nobody may learn of what is not durable. */
  record(entry: JournalEntry | undefined, effect: () => void): Promise<void> {
    if (entry !== undefined) this.#pending.push(entry);
    this.#effects.push(effect);
    this.#next ??= promise();
    const { durable } = this.#next;
    this.#writing ??= this.#write();
    return durable;
  }

  note(entry: JournalEntry): void {
    this.#pending.push(entry);
  }

  replace(entries: readonly JournalEntry[]): Promise<void> {
    this.#pending = [...entries];
    this.#anew = true;
    return this.record(undefined, () => {});
  }

  async close(): Promise<void> {
    await this.#writing;
    this.#broken = true;
    await this.#sink.close();
  }

  async #write(): Promise<void> {
    // Events of the same turn of the event loop go together.
    await DONE;
    while (this.#next !== undefined && !this.#broken) {
      const { settle } = this.#next;
      const effects = this.#effects;
      const anew = this.#anew;
      const entries = this.#pending;
      this.#anew = false;
      this.#pending = [];
      this.#next = undefined;
      this.#effects = [];
      try {
        if (anew) await this.#sink.beginAnew(encodeEntries(entries));
        else if (entries.length > 0) await this.#sink.append(encodeEntries(entries));
      } catch (error) {
        return this.#break(error);
      }
      if (!this.#sink.isCurrent()) return this.#break(undefined);
      for (const effect of effects) effect();
      settle();
    }
    this.#writing = undefined;
  }

  #break(error: unknown): void {
    this.#broken = true;
    this.#onBroken(error);
  }
}

function promise(): { readonly durable: Promise<void>; readonly settle: () => void } {
  let settle = (): void => {};
  const durable = new Promise<void>((resolve) => (settle = resolve));
  return { durable, settle };
}
