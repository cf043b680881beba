/**
 * What outlives a coordinator's process: journals by epoch, in the real format, and outputs. An output is
 * claimed by a rename to a name that holds the epoch, so a publication under another claim fails.
 */
import type { JobId } from "../../model/ids.js";
import { decodeEntries, encodeEntries, type JournalEntry } from "../../coordinator/journal-entry.js";
import { frame, readFrames } from "../../storage/frames.js";

export class VirtualDisk {
  /** The highest epoch that was claimed. */
  epoch = 0;
  readonly #journals = new Map<number, Uint8Array>();
  /** Frames of each journal whose events took effect. */
  readonly #effective = new Map<number, number>();
  readonly #claims = new Map<JobId, number>();
  readonly published = new Map<JobId, number>();

  claimEpoch(): number {
    return ++this.epoch;
  }

  append(epoch: number, entries: readonly JournalEntry[]): void {
    this.#journals.set(epoch, Buffer.concat([this.#journals.get(epoch) ?? Buffer.alloc(0), frame(encodeEntries(entries))]));
  }

  tookEffect(epoch: number): void {
    this.#effective.set(epoch, (this.#effective.get(epoch) ?? 0) + 1);
  }

  /** Of what was not durable, a crash leaves any part. */
  tear(epoch: number, durableBytes: number, keep: number): void {
    const bytes = this.#journals.get(epoch) ?? Buffer.alloc(0);
    this.#journals.set(epoch, bytes.subarray(0, durableBytes + Math.floor(keep * (bytes.length - durableBytes))));
  }

  bytesOf(epoch: number): number {
    return this.#journals.get(epoch)?.length ?? 0;
  }

  /**
   * The entries of the latest journal, which becomes that of `epoch`: first those that took effect, then those
   * that were written and do so only now.
   */
  takeOver(epoch: number): { readonly before: JournalEntry[]; readonly now: JournalEntry[]; readonly cut: boolean } {
    const latest = Math.max(0, ...this.#journals.keys());
    const bytes = this.#journals.get(latest) ?? Buffer.alloc(0);
    const { payloads, end } = readFrames(bytes);
    const effective = this.#effective.get(latest) ?? 0;
    this.#journals.set(epoch, bytes.subarray(0, end));
    this.#effective.set(epoch, payloads.length);
    return { before: payloads.slice(0, effective).flatMap(decodeEntries), now: payloads.slice(effective).flatMap(decodeEntries), cut: end < bytes.length };
  }

  claimOutput(job: JobId, epoch: number): void {
    this.#claims.set(job, epoch);
  }

  /** False when another coordinator has claimed the output since. */
  publish(job: JobId, epoch: number): boolean {
    if (this.#claims.get(job) !== epoch) return false;
    this.published.set(job, (this.published.get(job) ?? 0) + 1);
    return true;
  }
}
