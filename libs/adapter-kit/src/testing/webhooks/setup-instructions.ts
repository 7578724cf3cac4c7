import assert from 'node:assert/strict';
import { validSettings, withSandbox } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import { carries } from '../bench/record.ts';

const URL_OF_OURS = 'https://connections.example/webhooks/v2/vendor/0198c0de-1234-7abc-8def-0123456789ab';

export function setupInstructionsChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  return [check('setup-instructions', 'explains how to set up the webhook', () => instructions(context, webhook))];
}

async function instructions(context: Context, { receiver, subject }: WebhookContext): Promise<void> {
  await withSandbox(context, ({ sandbox }) => {
    const key = subject.newKey();
    const settings = validSettings(context, { ...sandbox.settings, ...key.settings });
    const names = Object.keys(key.settings);
    const without = { ...settings, ...Object.fromEntries(names.map((name) => [name, undefined])) };
    for (const some of [settings, without]) {
      const address = receiver.address?.(URL_OF_OURS, some) ?? URL_OF_OURS;
      assert(address.startsWith(URL_OF_OURS), 'The address must be the URL, optionally with a query.');
      const steps = receiver.setupInstructions(URL_OF_OURS, some);
      assert.notEqual(steps.length, 0, 'There are no setup instructions.');
      assert(
        steps.some(({ value }) => value === address),
        'No step has the address as its value to copy.',
      );
      const titles = steps.map(({ title }) => title);
      assert.deepEqual([...new Set(titles)], titles, 'Two steps have the same title.');
      for (const { title, text } of steps) {
        assert.match(title, /^\S.*[^\s.]$/, 'A title must be one line without a full stop.');
        assert.match(text, /^\S[^]{8,}[.!?]$/, `${title}: the text must be sentences.`);
      }
      const shown = JSON.stringify([address, steps]);
      for (const { name, secret, inboundOnly } of context.fields) {
        const value: unknown = (settings as Record<string, unknown>)[name];
        if (secret !== true || inboundOnly === true || typeof value !== 'string') continue;
        assert(!carries(shown, value), `The setup instructions show ${name}, which is not a webhook secret.`);
      }
    }
    const masked = { ...settings, ...Object.fromEntries(names.map((name) => [name, '********'])) };
    const shown = JSON.stringify([
      receiver.address?.(URL_OF_OURS, masked),
      receiver.setupInstructions(URL_OF_OURS, masked),
    ]);
    for (const secret of Object.values(key.settings)) {
      assert(
        typeof secret !== 'string' || !carries(shown, secret),
        'The setup instructions show a secret that is not in the settings.',
      );
    }
  });
}
