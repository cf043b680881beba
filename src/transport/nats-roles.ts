/**
 * What each role may do on NATS: subjects it may publish and subscribe to; all others are refused. Each subject of a
 * cluster carries messages in one direction, so that a worker cannot pose as a coordinator, or as a client.
 *
 *     client       requests -->              <-- job.<id>, coordinators
 *     coordinator  worker.<id>, job.<id>, coordinators -->     <-- requests, reports, output, coordinators
 *                  requests --> (of one that starts: is there another?)
 *     worker       reports, output -->       <-- worker.<id>, coordinators
 *
 * Replies go to the inbox of whoever asked, which nobody else can read. Bundles are written by clients (and put back by the
 * coordinator when they were lost) and read by workers; nobody but the coordinator may make or change a stream, and nobody may make a consumer.
 */
import { workerId } from "../model/ids.js";
import { subjectsOf } from "../protocol/subjects.js";
import { blobBucket } from "./nats-blobs.js";
import { inboxPrefixOf } from "./nats-options.js";

export interface NatsUser {
  readonly name: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * The users of a cluster: client, coordinator, and one that all workers share, `worker`; or, when workers are named,
 * one for each, `worker-<name>`, which can receive the commands to that worker only.
 */
export function natsUsers(cluster: string, workers: readonly string[]): NatsUser[] {
  const subjects = subjectsOf(cluster);
  const everyWorker = subjects.worker(ANY);
  const workerUsers = workers.length === 0 ? [{ name: "worker", commands: everyWorker }] : workers.map((name) => ({ name: `worker-${name}`, commands: subjects.worker(workerId(name)) }));
  const stream = `OBJ_${blobBucket(cluster)}`;
  const objects = `$O.${blobBucket(cluster)}`;
  const look = [`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.MSG.GET.${stream}`];
  const read = [...look, `$JS.API.DIRECT.GET.${stream}`];
  const inbox = (user: string): string => `${inboxPrefixOf(user)}.>`;
  return [
    {
      name: "client",
      publish: [subjects.requests, ...look, `${objects}.C.*`, `${objects}.M.*`],
      subscribe: [subjects.job(ANY), subjects.coordinators, inbox("client")],
    },
    {
      name: "coordinator",
      publish: [everyWorker, subjects.job(ANY), subjects.coordinators, subjects.requests, inbox("client"), inbox("coordinator"), ...workerUsers.map(({ name }) => inbox(name)), ...read, `$JS.API.STREAM.CREATE.${stream}`, `${objects}.C.*`, `${objects}.M.*`],
      subscribe: [subjects.requests, subjects.reports, subjects.output, subjects.coordinators, inbox("coordinator")],
    },
    ...workerUsers.map(({ name, commands }) => ({
      name,
      publish: [subjects.reports, subjects.output, inbox("coordinator"), ...read],
      subscribe: [commands, subjects.coordinators, inbox(name)],
    })),
  ];
}

/** NATS' wildcard for one token, where an id would stand. */
const ANY = "*" as never;
