import type { ProblemFault } from './problem.ts';

/** How a request ended that did not succeed. */
export interface Outcome {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ProblemFault[];
  readonly headers?: Readonly<Record<string, string>>;
}
