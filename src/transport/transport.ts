/**
 * How processes talk: requests with replies, publications that may be lost, and blobs. One interface, so that
 * a run inside one process and a cluster over NATS go through the same code; both adapters pass
 * transport-contract.test.ts. Delivery is at most once: whoever needs an answer asks again with the same ids.
 */
import { MillraceError } from "../errors.js";

export interface Transport {
  /**
   * The reply of whoever serves `subject`. Rejects with NoReplyError when nobody does, the connection is lost or the
   * time (milliseconds) is up: at once in the first two cases, so pause before asking again.
   */
  request(subject: string, payload: Uint8Array, timeout: number): Promise<Uint8Array>;
  /** Answers requests to `subject`. A handler that rejects leaves the request unanswered. */
  serve(subject: string, handler: (payload: Uint8Array) => Promise<Uint8Array>): Subscription;
  /** Sends to all subscribers, at most once. Never throws. */
  publish(subject: string, payload: Uint8Array): void;
  /** What a handler throws becomes a `message-lost` event. */
  subscribe(subject: string, handler: (payload: Uint8Array) => void): Subscription;
  /** Keeps content under a name that says what it is, its sha256: a name that is there already is left as it is. */
  putBlob(name: string, bytes: Uint8Array): Promise<void>;
  /** The caller verifies what it gets. Rejects with BlobError when there is none of that name. */
  getBlob(name: string): Promise<Uint8Array>;
  /** Calls `handler` for all that happens to the connection. */
  watch(handler: (event: TransportEvent) => void): Subscription;
  /** Ends all subscriptions; requests under way reject. */
  close(): Promise<void>;
}

export interface Subscription {
  close(): void;
}

export type TransportEvent =
  /** Messages are lost until `reconnected`; requests under way were rejected. */
  | { readonly type: "disconnected"; readonly server: string }
  /** What is served and subscribed goes on by itself; whoever holds state on the other side says hello again. */
  | { readonly type: "reconnected"; readonly server: string }
  /** The server does not let this user publish or subscribe to a subject. */
  | { readonly type: "refused"; readonly error: NotPermittedError }
  /** A message could not be sent or read, or its handler failed; it counts as lost. */
  | { readonly type: "message-lost"; readonly subject: string; readonly error: Error }
  /** For good. */
  | { readonly type: "closed"; readonly reason?: Error };

/** Bytes that one message may have; larger content travels as a blob or between workers. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Nobody answered a request. It may have been received nevertheless. */
export class NoReplyError extends MillraceError {
  readonly code = "NO_REPLY";
  readonly subject: string;
  constructor(subject: string, reason: string) {
    super(`No reply on ${subject}: ${reason}`);
    this.subject = subject;
  }
}

/** The connection cannot be made, or not with these credentials. */
export class ConnectError extends MillraceError {
  readonly code = "CANNOT_CONNECT";
}

/** The user that this process connects as may not do what it tries. */
export class NotPermittedError extends MillraceError {
  readonly code = "NOT_PERMITTED";
  readonly subject: string;
  constructor(operation: "publish" | "subscribe", subject: string, user: string) {
    super(`NATS does not let ${user} ${operation} to ${subject}: connect as the user of the right role (client, coordinator or worker), or widen its permissions in the server's configuration (millrace nats-config writes one)`);
    this.subject = subject;
  }
}

export class MessageTooLargeError extends MillraceError {
  readonly code = "MESSAGE_TOO_LARGE";
  constructor(subject: string, bytes: number) {
    super(`A message of ${bytes} bytes to ${subject} is over the limit of ${MAX_MESSAGE_BYTES}`);
  }
}

/** A blob cannot be kept or is not there. */
export class BlobError extends MillraceError {
  readonly code = "BLOB_UNAVAILABLE";
}
