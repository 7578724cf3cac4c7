import type { ConformanceCheck } from '../conformance-check.ts';
import type { ConformanceRule } from '../conformance-rules.ts';

/** Generous, for slow machines: no check measures time. */
const TIMEOUT_MS = 120_000;

/** @param runs how often a property is tried with random input */
export function check(rule: ConformanceRule, name: string, run: () => Promise<void>, runs = 0): ConformanceCheck {
  return { rule, name, run, timeoutMs: TIMEOUT_MS + 10 * runs };
}
