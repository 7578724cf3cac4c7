import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answers, type SandboxAnswer } from './answers.ts';
import { checkMail } from './check-mail.ts';
import { integrationTestEvents } from './integration-test-events.ts';
import { refusalOf, SANDBOX_KEYS, scopesOf } from './keys.ts';
import { eventsOf, repeated, type SandboxEvent } from './mail-events.ts';
import type { AcceptedMail } from './mail-json.ts';
import { vendorBody } from './vendor-body.ts';
import { WebhookSigner } from './webhook-signer.ts';

export interface SandboxOptions {
  /** 0, which is the default, takes a free one. */
  readonly port?: number;
  /** Addresses and domains (`@sender.example`) that may send; without it, all may. */
  readonly verifiedSenders?: readonly string[];
}

/**
 * A strict imitation of SendGrid's API on 127.0.0.1: it refuses what the documentation forbids, and posts signed events.
 * It keeps what it accepted in memory and sends nothing.
 */
export class SendgridSandbox {
  /** What was accepted, the newest last. */
  readonly mails: AcceptedMail[] = [];
  readonly signer = new WebhookSigner();
  /** The number of requests, refused ones too. */
  requests = 0;

  private readonly planned: SandboxAnswer[] = [];
  private readonly server = createServer((request, response) => {
    this.serve(request, response).catch(() => response.destroy());
  });

  private constructor(private readonly verifiedSenders: readonly string[] | undefined) {}

  static async start(options: SandboxOptions = {}): Promise<SendgridSandbox> {
    const sandbox = new SendgridSandbox(options.verifiedSenders);
    await once(sandbox.server.listen(options.port ?? 0, '127.0.0.1'), 'listening');
    return sandbox;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** A key that may do everything; `SANDBOX_KEYS` holds those that fail. */
  get apiKey(): string {
    return SANDBOX_KEYS.working;
  }

  /** Answers the next requests so, one after another, whatever they ask for. */
  answerNext(...next: readonly SandboxAnswer[]): void {
    this.planned.push(...next);
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

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    request.on('error', () => undefined);
    const body = Buffer.concat((await request.toArray().catch(() => [])) as Buffer[]);
    const answer = this.planned.shift() ?? this.answer(request, body);
    if (answer === 'hang') return;
    if (answer === 'hang up') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, {
      'X-RateLimit-Limit': '600',
      'X-RateLimit-Remaining': '599',
      'X-RateLimit-Reset': String(Math.ceil(Date.now() / 1000) + 60),
      ...answer.headers,
    });
    response.end(answer.body ?? '');
  }

  private answer(request: IncomingMessage, body: Buffer): SandboxAnswer {
    const { method, url, headers } = request;
    const isMailSend = url === '/v3/mail/send';
    const refusal = refusalOf(headers.authorization, isMailSend);
    if (refusal !== undefined) return refusal;
    if (url === '/v3/scopes') {
      if (method !== 'GET') return answers.wrongMethod;
      const scopes = scopesOf(headers.authorization);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ scopes }) };
    }
    if (!isMailSend) return answers.notFound;
    return method === 'POST' ? this.accept(headers, body) : answers.wrongMethod;
  }

  private accept(headers: IncomingMessage['headers'], body: Buffer): SandboxAnswer {
    const check = checkMail(headers['content-type'], body, new Date());
    if ('refusal' in check) return check.refusal;
    const json = check.mail;
    if (!this.isVerified(json.from.email)) return answers.unverifiedSender;
    const sandboxed = json.mail_settings?.sandbox_mode?.enable === true;
    const messageId = randomBytes(16).toString('base64url');
    this.mails.push({ messageId, json, sandboxed, headers });
    return { status: sandboxed ? 200 : 202, headers: { 'X-Message-Id': messageId } };
  }

  private isVerified(sender: string): boolean {
    const address = sender.toLowerCase();
    return this.verifiedSenders?.some((own) => (own.startsWith('@') ? address.endsWith(own) : address === own)) ?? true;
  }
}
