import type { ConformanceRule } from './conformance-rules.ts';

/** One thing that is checked. */
export interface ConformanceCheck {
  readonly rule: ConformanceRule;
  /** What is checked, as the end of a sentence about the adapter; no other check has the same. */
  readonly name: string;
  /** Milliseconds that it may take on a slow machine: for the test runner. */
  readonly timeoutMs: number;
  /** Rejects with an `AssertionError` of node:assert that says what is wrong. */
  run(this: void): Promise<void>;
}
