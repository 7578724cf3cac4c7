import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import type { ProblemFault } from './problem.ts';

/** How a request ended that did not succeed. */
export interface Outcome {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ProblemFault[];
  readonly error?: AdapterErrorDetails;
  readonly headers?: Readonly<Record<string, string>>;
}
