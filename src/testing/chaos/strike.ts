/** A strike is a fault from outside, at any moment of a job. It also does what an operator would: start anew what died. */
import type { ClusterMember } from "../cluster-member.js";
import type { Scene } from "./scene.js";

/** Gives what must show, when the job is over, for the fault to have struck; nothing where the strike itself has seen it. */
export type Strike = (scene: Scene, phase: string) => Promise<Evidence | void> | Evidence | void;

export interface Evidence {
  readonly what: string;
  readonly shown: () => boolean;
}

export function said(member: ClusterMember, pattern: RegExp): Evidence {
  return { what: `${member.name} says ${pattern}`, shown: () => pattern.test(member.stderr) };
}

/** That an attempt failed of this kind of failure, as the coordinator has written it down. */
export function attemptFailed({ cluster }: Scene, kind: string): Evidence {
  return { what: `an attempt failed: ${kind}`, shown: () => cluster.journal().includes(`"failure":{"kind":"${kind}"`) };
}

export const LEASE_LOST = /no coordinator answered for/;
