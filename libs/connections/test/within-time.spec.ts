import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { withTimeout } from '../src/adapters/adapter.registry.ts';

/** A call that tidies up once its time is over, and then says so. */
async function tidyingFor(ms: number, signal: AbortSignal): Promise<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  await delay(ms);
  throw new Error('timed out, and tidied up');
}

describe('a call of an adapter', () => {
  it('may tidy up after its time as long as it is given', async () => {
    const call = withTimeout('fake', 20, (signal) => tidyingFor(300, signal), 5_000);
    await expect(call).rejects.toThrow('timed out, and tidied up');
  });

  it('is left behind where it goes on for longer', async () => {
    const call = withTimeout('fake', 20, (signal) => tidyingFor(2_000, signal), 100);
    await expect(call).rejects.toThrow('did not obey its signal');
  });
});
