/** What a client asks of the coordinator: each request is sent again until it is answered or its time is up. */
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError, InputError, InvalidJobError, OutputError, UsageError } from "../errors.js";
import type { JobId } from "../model/ids.js";
import { decode, encode } from "../protocol/codec.js";
import { coordinatorReply, type ClientRequest, type CoordinatorReply, type JobSummary } from "../protocol/messages.js";
import type { Subjects } from "../protocol/subjects.js";
import { NoReplyError, type Transport } from "../transport/transport.js";

export interface Connection {
  readonly transport: Transport;
  readonly subjects: Subjects;
  /** Whether the coordinator keeps what jobs print. */
  readonly keepsLog: boolean;
  /** For messages: which cluster, at which address. */
  readonly place: string;
}

type Reply<T extends CoordinatorReply["type"]> = Extract<CoordinatorReply, { type: T }>;

const REQUEST_TIMEOUT = 2_000;
const RETRY_PAUSE = 300;
/** How long a command waits for a coordinator that does not answer. */
const PATIENCE = 8_000;

/** One try. Rejects with NoReplyError. */
export async function ask({ transport, subjects }: Connection, request: ClientRequest, timeout = REQUEST_TIMEOUT): Promise<CoordinatorReply> {
  return decode(coordinatorReply, await transport.request(subjects.requests, encode(request), timeout));
}

/** Rejects with ClusterError when no coordinator answers, and with the error that a refusal names. */
async function askUntilAnswered(connection: Connection, request: ClientRequest): Promise<CoordinatorReply> {
  const reply = await untilAnswered(connection, request);
  if (reply.type === "refused") throw refusal(reply);
  return reply;
}

async function untilAnswered(connection: Connection, request: ClientRequest): Promise<CoordinatorReply> {
  for (const giveUpAt = performance.now() + PATIENCE; ; await sleep(RETRY_PAUSE)) {
    try {
      return await ask(connection, request);
    } catch (error) {
      if (!(error instanceof NoReplyError)) throw error;
      if (performance.now() > giveUpAt) throw new ClusterError(`No coordinator answers in ${connection.place}. Start one with \`millrace coordinator\`, or check --cluster and --nats (${error.message})`, { cause: error });
    }
  }
}

/** Makes sure that there is a coordinator: whatever it answers. */
export async function meetCoordinator(connection: Connection): Promise<void> {
  await untilAnswered(connection, { type: "list-jobs" });
}

export async function listJobs(connection: Connection): Promise<readonly JobSummary[]> {
  return expected("jobs", await askUntilAnswered(connection, { type: "list-jobs" })).jobs;
}

export async function askJob(connection: Connection, job: JobId): Promise<Reply<"job">> {
  return expected("job", await askUntilAnswered(connection, { type: "ask-job", job }));
}

export async function cancelJob(connection: Connection, job: JobId, reason: string): Promise<void> {
  expected("accepted", await askUntilAnswered(connection, { type: "cancel-job", job, reason }));
}

export async function readLog(connection: Connection, job: JobId, from: number): Promise<Reply<"log">> {
  return expected("log", await askUntilAnswered(connection, { type: "read-log", job, from }));
}

export function expected<T extends CoordinatorReply["type"]>(type: T, reply: CoordinatorReply): Reply<T> {
  if (reply.type === "refused") throw refusal(reply);
  if (reply.type !== type) throw new ClusterError(`The coordinator answered ${reply.type} where ${type} was asked for; run the same version of millrace on all machines`);
  return reply as Reply<T>;
}

export function refusal({ code, message }: Reply<"refused">): Error {
  switch (code) {
    case "USAGE":
      return new UsageError(message);
    case "INVALID_JOB":
      return new InvalidJobError(message);
    case "INVALID_INPUT":
      return new InputError(message);
    case "INVALID_OUTPUT":
      return new OutputError(message);
    case "CLUSTER":
    case "UNKNOWN_JOB":
      return new ClusterError(message);
    default:
      return new Error(message);
  }
}
