import type { AttemptId, WorkerId } from "../model/ids.js";
import { isSignOfLife } from "../scheduler/scheduler.js";
import type { JournalEntry } from "./journal-entry.js";

/**
 * Entries on their way to the journal. Of signs of life between two other events the last of each worker and
 * attempt is kept, and they wait for the next other event: when they get lost, leases were renewed in vain.
 */
export class PendingEntries {
  #entries: JournalEntry[] = [];
  readonly #signs = new Map<WorkerId | AttemptId, JournalEntry>();

  add(entry: JournalEntry): void {
    if (entry.type === "event" && isSignOfLife(entry.event)) {
      const key = entry.event.type === "worker-heartbeat" ? entry.event.worker : entry.event.attempt;
      this.#signs.delete(key);
      this.#signs.set(key, entry);
      return;
    }
    this.#entries.push(...this.#signs.values(), entry);
    this.#signs.clear();
  }

  /** Those that must become durable now. */
  take(): JournalEntry[] {
    const taken = this.#entries;
    this.#entries = [];
    return taken;
  }
}
