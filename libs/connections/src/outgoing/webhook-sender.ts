import { AdapterError, createScrubber, HttpClient, type HttpResponse } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { SecretCipher } from '../secrets/secret-cipher.ts';
import { Clock } from '../options/clock.ts';
import { allSecrets, decryptSecrets, signingSecrets } from './endpoint-secrets.ts';
import { parseRetryAfter } from './retry-schedule.ts';
import type { WebhookAttemptRow } from './webhook-attempts.repository.ts';
import type { WebhookEndpointRow } from './webhook-endpoints.repository.ts';

/** The result of an attempt. */
export interface SentAttempt extends Pick<
  WebhookAttemptRow,
  'startedAt' | 'durationMs' | 'status' | 'error' | 'response'
> {
  /** How long the endpoint asks to wait. */
  readonly retryAfterMs?: number | undefined;
}

const TIMEOUT_MS = 15_000;
const MAX_RESPONSE_BYTES = 64 * 1024;
const SHOWN_CHARACTERS = 1_024;

/** Signs a message as Standard Webhooks defines it, and posts it to its endpoint. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly http: HttpClient,
    private readonly cipher: SecretCipher,
    private readonly clock: Clock,
  ) {}

  /**
   * Attempts to deliver a message once.
   * @param id the same for all attempts
   * @param body JSON
   * @throws EndpointSecretUnreadableError; the reason of the signal if it is aborted
   */
  async send(endpoint: WebhookEndpointRow, id: string, body: string, signal?: AbortSignal): Promise<SentAttempt> {
    const secrets = await decryptSecrets(this.cipher, endpoint);
    const startedAt = this.clock.now();
    const signatures = signingSecrets(secrets, startedAt).map((secret) =>
      new Webhook(secret).sign(id, startedAt, body),
    );
    const begun = performance.now();
    const elapsed = (): number => Math.round(performance.now() - begun);
    try {
      const response = await this.http.request({
        method: 'POST',
        url: endpoint.url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'score-connections',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(startedAt.getTime() / 1_000)),
          'webhook-signature': signatures.join(' '),
        },
        body,
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        ...(signal === undefined ? {} : { signal }),
      });
      const scrub = createScrubber(allSecrets(secrets));
      return {
        startedAt,
        durationMs: elapsed(),
        status: response.status,
        error: null,
        response: excerpt(scrub(response.text())),
        retryAfterMs: retryAfterOf(response, this.clock.now()),
      };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof AdapterError)) throw error;
      return { startedAt, durationMs: elapsed(), status: null, error: error.details.code, response: null };
    }
  }
}

/** Whether the endpoint has accepted the message. */
export function isSuccess({ status }: Pick<SentAttempt, 'status'>): boolean {
  return status !== null && status >= 200 && status < 300;
}

function retryAfterOf(response: HttpResponse, now: Date): number | undefined {
  const isBusy = response.status === 429 || response.status === 503;
  return isBusy ? parseRetryAfter(response.header('retry-after'), now) : undefined;
}

/** The beginning of a text, without half a character at its end. */
function excerpt(text: string): string | null {
  if (text === '') return null;
  return text.slice(0, SHOWN_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}
