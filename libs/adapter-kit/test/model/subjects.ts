import { randomBytes } from 'node:crypto';
import type { ConformanceSubject } from '@score-crm/adapter-kit/testing';
import { type ModelAuthentication, sharedSecret, signature, signedToken } from './model-authentications.ts';
import { startModelSandbox } from './model-sandbox.ts';
import { ModelAdapter, SharedSecretModelAdapter, SignedTokenModelAdapter } from './model.adapter.ts';
import type { ModelSettings } from './model.settings.ts';

export type ModelSubject = ConformanceSubject<ModelSettings>;

/** The model with its sandbox, for each way in which a vendor authenticates its requests. */
export const SUBJECTS = {
  signature: subject(ModelAdapter, signature, 'batches'),
  'shared-secret': subject(SharedSecretModelAdapter, sharedSecret, 'batches'),
  'signed-token': subject(SignedTokenModelAdapter, signedToken, 'single'),
} as const satisfies Record<ModelAuthentication['authentication'], ModelSubject>;

function subject(adapter: ModelSubject['adapter'], way: ModelAuthentication, fixtures: string): ModelSubject {
  return {
    adapter,
    startSandbox: startModelSandbox(way),
    errorBody: (error) => JSON.stringify({ error }),
    webhook: {
      fixtures: new URL(`fixtures/${fixtures}/`, import.meta.url),
      newKey: () => {
        const webhookSecret = randomBytes(16).toString('base64url');
        return { settings: { webhookSecret }, sign: (body) => way.sign(body, webhookSecret) };
      },
    },
    runs: 20,
  };
}
