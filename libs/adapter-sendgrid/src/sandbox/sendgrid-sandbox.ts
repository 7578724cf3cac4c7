import { randomBytes } from 'node:crypto';
import {
  isVerifiedSender,
  jsonAnswer,
  type SandboxAnswer,
  type SandboxRequest,
  SandboxServer,
  type VendorSandboxOptions,
} from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import { checkMail } from './check-mail.ts';
import { integrationTestEvents } from './integration-test-events.ts';
import { refusalOf, SANDBOX_KEYS, scopesOf } from './keys.ts';
import { eventsOf, repeated, type SandboxEvent } from './mail-events.ts';
import type { AcceptedMail } from './mail-json.ts';
import { vendorBody } from './vendor-body.ts';
import { WebhookSigner } from './webhook-signer.ts';

/**
 * A strict imitation of SendGrid's API on 127.0.0.1: it refuses what the documentation forbids, and posts signed events.
 * It keeps what it accepted in memory and sends nothing.
 */
export class SendgridSandbox extends SandboxServer {
  /** What was accepted, the newest last. */
  readonly mails: AcceptedMail[] = [];
  readonly signer = new WebhookSigner();

  private constructor(private readonly verifiedSenders: readonly string[] | undefined) {
    super();
  }

  static async start(options: VendorSandboxOptions = {}): Promise<SendgridSandbox> {
    return new SendgridSandbox(options.verifiedSenders).listen(options.port);
  }

  /** A key that may do everything; `SANDBOX_KEYS` holds those that fail. */
  get apiKey(): string {
    return SANDBOX_KEYS.working;
  }

  /** The events of what was accepted with this id. */
  eventsOf(messageId: string, now?: Date): readonly SandboxEvent[] {
    const mail = this.mails.find((accepted) => accepted.messageId === messageId);
    return mail === undefined ? [] : eventsOf(mail, now);
  }

  /** Equal events under new ids, as they come when one post is repeated. */
  repeated(events: readonly SandboxEvent[]): readonly SandboxEvent[] {
    return repeated(events);
  }

  /** Posts events to a webhook, signed, in one batch. */
  post(url: string, events: readonly object[]): Promise<Response> {
    const body = vendorBody(events);
    return fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.signer.headersFor(body) },
      body: new Uint8Array(body),
      redirect: 'manual',
    });
  }

  /** Posts what the console's “Test Your Integration” does. */
  postIntegrationTest(url: string): Promise<Response> {
    return this.post(url, integrationTestEvents());
  }

  protected override commonHeaders(): Readonly<Record<string, string>> {
    return {
      'X-RateLimit-Limit': '600',
      'X-RateLimit-Remaining': '599',
      'X-RateLimit-Reset': String(Math.ceil(Date.now() / 1000) + 60),
    };
  }

  protected answer({ method, path, headers, body }: SandboxRequest): SandboxAnswer {
    const isMailSend = path === '/v3/mail/send';
    const refusal = refusalOf(headers.authorization, isMailSend);
    if (refusal !== undefined) return refusal;
    if (path === '/v3/scopes') {
      return method === 'GET' ? jsonAnswer(200, { scopes: scopesOf(headers.authorization) }) : answers.wrongMethod;
    }
    if (!isMailSend) return answers.notFound;
    return method === 'POST' ? this.accept(headers, body) : answers.wrongMethod;
  }

  private accept(headers: SandboxRequest['headers'], body: Buffer): SandboxAnswer {
    const check = checkMail(headers['content-type'], body, new Date());
    if ('refusal' in check) return check.refusal;
    const json = check.mail;
    if (!isVerifiedSender(this.verifiedSenders, json.from.email)) return answers.unverifiedSender;
    const sandboxed = json.mail_settings?.sandbox_mode?.enable === true;
    const messageId = randomBytes(16).toString('base64url');
    this.mails.push({ messageId, json, sandboxed, headers });
    return { status: sandboxed ? 200 : 202, headers: { 'X-Message-Id': messageId } };
  }
}
