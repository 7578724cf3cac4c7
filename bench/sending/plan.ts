import type { Load } from './callers.ts';

/** Sides that are measured with one load, in turns. */
export interface Part extends Load {
  readonly sides: readonly string[];
  /** The most connections to the mail server. */
  readonly sockets: number;
  readonly runs: number;
}

export interface Plan {
  readonly name: string;
  readonly parts: readonly Part[];
  /** Of batches of each vendor. */
  readonly batches: { readonly emails: number; readonly runs: number };
}

const CALLERS = 16;
const SOCKETS = [1, 5, 20];
const USUAL_SOCKETS = 5;
const COMPARED = ['pool', 'module', 'module-keys', 'api', 'api-keys'];

/** About ten minutes. */
export const QUICK: Plan = {
  name: 'quick',
  parts: SOCKETS.map((sockets) => part(sockets, 3_000, 2)),
  batches: { emails: 3_000, runs: 2 },
};

/** About an hour. The last part shows whether the memory grows. */
export const FULL: Plan = {
  name: 'full',
  parts: [...SOCKETS.map((sockets) => part(sockets, 20_000, 5)), part(USUAL_SOCKETS, 200_000, 1)],
  batches: { emails: 20_000, runs: 5 },
};

export function part(sockets: number, emails: number, runs: number, sides: readonly string[] = COMPARED): Part {
  return { sides, sockets, callers: CALLERS, warmUp: Math.min(1_000, Math.ceil(emails / 5)), emails, runs };
}
