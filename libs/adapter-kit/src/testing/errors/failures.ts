import assert from 'node:assert/strict';
import { validSettings, withSandbox } from '../bench/bench.ts';
import { check } from '../bench/check.ts';
import type { Context } from '../bench/context.ts';
import { promptly } from '../bench/failure.ts';
import { RECIPIENT, silentProbe } from '../bench/messages.ts';
import type { ConformanceCheck } from '../conformance-check.ts';

const DEADLINE_MS = 1_000;

export function failuresChecks(context: Context): readonly ConformanceCheck[] {
  return [check('failures-named', 'returns the listed code for each failure of the sandbox', () => areNamed(context))];
}

async function areNamed(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox }) => {
    assert.notEqual(Object.keys(sandbox.failures).length, 0, 'The sandbox has no failures.');
    for (const [code, change] of Object.entries(sandbox.failures)) {
      const settings = validSettings(context, { ...sandbox.settings, ...change });
      const options = { signal: AbortSignal.timeout(DEADLINE_MS) };
      const test = adapter.diagnose(settings, silentProbe({ to: [RECIPIENT] }), options);
      const { ok, error } = await promptly(test, `The test of ${code}`);
      assert.deepEqual([ok, error?.code], [false, code], `The sandbox lists this failure as ${code}.`);
    }
  });
}
