import type { ConformanceRule } from './conformance-rules.ts';

/** One check of the conformance suite. */
export interface ConformanceCheck {
  readonly rule: ConformanceRule;
  /** What is checked, as a phrase whose subject is the adapter. Unique among all checks. */
  readonly name: string;
  /** Time limit on a slow machine in milliseconds, for the test runner. */
  readonly timeoutMs: number;
  /** Rejects with an `AssertionError` of node:assert whose message says what is wrong. */
  run(this: void): Promise<void>;
}
