/**
 * A cut: two nodes that cannot reach each other, though both reach the coordinator. A failed fetch tells of one, and not
 * which end is to blame. At the second failure of a pair, or the second cut of a node, the end with more cuts is taken for
 * cut off: it gets no tasks for a while, and what lies there is lost. Cuts that it explains are held against nobody
 * else, so that a node which was blamed too early comes back.
 */
import { someCanBeRead, type ClusterState, type Turn } from "./cluster-state.js";
import { exclude, isStruckOut, takeBack } from "./exclusion.js";
import { loseOutputsOf } from "./map-outputs.js";
import type { NodeState } from "./node-state.js";

/** What failed longer ago has nothing to do with what fails now. */
const REMEMBERED_MILLIS = 60_000;
/** Longer than most tasks: one that comes back too soon loses the same outputs again. */
const CUT_OFF_MILLIS = 5 * 60_000;

export function noteCut(turn: Turn, reader: NodeState, source: NodeState): void {
  const { at, cluster } = turn;
  for (const node of [reader, source]) dropOld(node, at);
  if (reader === source || reader.cutOff || source.cutOff) return;
  const cut = reader.cuts.get(source) ?? { failures: 0, latest: at };
  cut.failures++;
  cut.latest = at;
  reader.cuts.set(source, cut);
  source.cuts.set(reader, cut);
  const worse = reader.cuts.size > source.cuts.size ? reader : source;
  if (worse.cuts.size < 2 && cut.failures < 2) return;
  const cutOff = [worse, worse === source ? reader : source].find((node) => someCanBeRead(cluster, node));
  if (cutOff !== undefined) cutNodeOff(turn, cutOff);
}

/** Running maps end there after it was cut off, too. */
export function loseOutputsOn({ at, cluster }: Turn, node: NodeState): void {
  for (const worker of node.workers) {
    for (const job of cluster.jobs.values()) loseOutputsOf(worker, job, at, `worker ${worker.id} cannot be reached by others`);
  }
}

export function forgetCuts(cluster: ClusterState, node: NodeState): void {
  acquitOthers(cluster, node);
  node.cuts.clear();
  acquit(cluster, node);
}

function cutNodeOff(turn: Turn, node: NodeState): void {
  node.cutOff = true;
  exclude(turn, node, CUT_OFF_MILLIS);
  loseOutputsOn(turn, node);
  // Of a single pair the other end may still turn out to be the one.
  if (node.cuts.size > 1) acquitOthers(turn.cluster, node);
}

function acquitOthers(cluster: ClusterState, node: NodeState): void {
  for (const other of node.cuts.keys()) {
    other.cuts.delete(node);
    if (other.cuts.size === 0) acquit(cluster, other);
  }
}

function acquit(cluster: ClusterState, node: NodeState): void {
  if (!node.cutOff) return;
  node.cutOff = false;
  if (!isStruckOut(node)) takeBack(cluster, node);
}

function dropOld(node: NodeState, at: number): void {
  for (const [other, { latest }] of node.cuts) {
    if (at - latest < REMEMBERED_MILLIS) continue;
    node.cuts.delete(other);
    other.cuts.delete(node);
  }
}
