/**
 * How processes talk: requests with replies, and publications that may be lost. One interface, so that a
 * run inside one process and a cluster over NATS go through the same code; both adapters pass
 * transport-contract.ts.
 */
export interface Transport {
  /** The reply of whoever serves `subject`. Rejects with NoReplyError when nobody does or the time (milliseconds) is up. */
  request(subject: string, payload: Uint8Array, timeout: number): Promise<Uint8Array>;
  /** Answers requests to `subject`. A handler that rejects leaves the request unanswered. */
  serve(subject: string, handler: (payload: Uint8Array) => Promise<Uint8Array>): Subscription;
  /** Sends to all subscribers, at most once. */
  publish(subject: string, payload: Uint8Array): void;
  subscribe(subject: string, handler: (payload: Uint8Array) => void): Subscription;
  /** Ends all subscriptions; requests under way reject. */
  close(): Promise<void>;
}

export interface Subscription {
  close(): void;
}

export class NoReplyError extends Error {
  readonly subject: string;
  constructor(subject: string, reason: string) {
    super(`No reply on ${subject}: ${reason}`);
    this.subject = subject;
  }
}
