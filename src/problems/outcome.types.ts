import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import type { BlockingUsage } from '../usages/usage.dto.ts';
import type { ProblemFault } from './problem.ts';

/** How a request ended that did not succeed. */
export interface Outcome {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ProblemFault[];
  readonly error?: AdapterErrorDetails;
  /** What keeps a connection in use. */
  readonly usages?: readonly BlockingUsage[];
  readonly headers?: Readonly<Record<string, string>>;
}
