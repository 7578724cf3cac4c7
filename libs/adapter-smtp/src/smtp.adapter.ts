import type { OnApplicationShutdown } from '@nestjs/common';
import {
  Adapter,
  type AdapterCapabilities,
  type CallOptions,
  type Diagnosis,
  type EmailAdapter,
  type EmailMessage,
  type FieldError,
  OutboundConnector,
  type Probe,
  type SendResult,
} from '@score-crm/adapter-kit';
import { diagnose } from './smtp.diagnosis.ts';
import { assertSomeAccepted, type ComposedMessage, composeMessage } from './smtp.message.ts';
import { SessionPools } from './smtp.pool.ts';
import { SMTP_PRESETS } from './smtp.presets.ts';
import { SmtpSession } from './smtp.session.ts';
import { SmtpSettings } from './smtp.settings.ts';

/** A port that is permitted for every host. */
const MAIL_PORT = 587;

/** Sends through any SMTP server (RFC 5321, RFC 6409). */
@Adapter({ vendor: 'smtp', displayName: 'Generic SMTP' })
export class SmtpAdapter implements EmailAdapter<SmtpSettings>, OnApplicationShutdown {
  readonly settings = SmtpSettings;
  readonly presets = SMTP_PRESETS;
  readonly capabilities: AdapterCapabilities = {
    webhooks: 'none',
    events: [],
    attachments: true,
    inlineImages: true,
    customHeaders: true,
    tags: false,
    metadata: false,
    scheduling: false,
  };

  private readonly pools: SessionPools;

  constructor(private readonly connector: OutboundConnector) {
    this.pools = new SessionPools(connector);
  }

  checkSettings({ host, port = MAIL_PORT }: Partial<SmtpSettings>): FieldError[] {
    if (host === undefined) return [];
    const refusal = this.connector.refusal(host, port)?.details;
    if (refusal === undefined) return [];
    const { code, hint } = refusal;
    return [{ pointer: code === 'port_forbidden' ? '/port' : '/host', code, message: hint }];
  }

  diagnose(settings: SmtpSettings, probe: Probe, options?: CallOptions): Promise<Diagnosis> {
    return diagnose(this.connector, settings, probe, options);
  }

  async send(message: EmailMessage, settings: SmtpSettings, options: CallOptions = {}): Promise<SendResult> {
    const composed = composeMessage(message);
    const result =
      options.poolKey === undefined
        ? await this.sendOnce(composed, settings, options.signal)
        : await this.pools.of(options.poolKey, settings).deliver(composed, options.signal);
    return assertSomeAccepted(result);
  }

  release(poolKey?: string): void {
    this.pools.close(poolKey);
  }

  /** Resolves when the running messages have ended. */
  onApplicationShutdown(): void {
    this.release();
  }

  private async sendOnce(message: ComposedMessage, settings: SmtpSettings, signal?: AbortSignal): Promise<SendResult> {
    const session = new SmtpSession(this.connector, settings, signal);
    try {
      await session.open();
      await session.authenticate();
      return await session.deliver(message);
    } finally {
      await session.close();
    }
  }
}
