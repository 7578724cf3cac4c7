import {
  type ErrorMap,
  type HttpResponse,
  isJsonObject,
  type PointerTable,
  rejectedMessage,
  resetTime,
  VendorApi,
  type VendorFault,
} from '@score-crm/adapter-kit';
import { MAX_RATE_LIMIT_MS } from './assumptions.ts';
import type { Region, SendgridSettings } from './sendgrid.settings.ts';

// https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authentication
const ORIGINS: Readonly<Record<Region, string>> = {
  global: 'https://api.sendgrid.com',
  eu: 'https://api.eu.sendgrid.com',
};

/**
 * The errors of every call.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 */
export const ACCOUNT_ERRORS: ErrorMap = [
  {
    on: 401,
    words: /credits? exceeded/i,
    stage: 'message',
    code: 'quota_exceeded',
    fault: 'vendor',
    retryable: true,
    hint: 'The SendGrid account has used up its credits. Wait for new credits, or buy more.',
  },
  {
    on: 401,
    hint: 'SendGrid rejected the API key. Enter a valid one, and select the region in which it was created.',
  },
];

/** The errors for rejections of a message, or of a request about the account. */
const ERRORS: ErrorMap = [
  ...ACCOUNT_ERRORS,
  ...rejectedMessage('SendGrid', { on: 400 }),
  {
    on: 403,
    words: /verified sender identity/i,
    stage: 'sender',
    code: 'sender_not_verified',
    fault: 'sender',
    hint: 'SendGrid has not verified the sender. Verify the address or its domain there (Settings, Sender Authentication), or use another sender.',
  },
  {
    on: 403,
    stage: 'message',
    hint: 'The API key lacks a permission. Grant it “Mail Send” at SendGrid, and check that IP access management allows this server.',
  },
];

const POINTERS: PointerTable = [
  [/^personalizations(?:\.\d+)?$/, 'to'],
  [/^(?:personalizations\.\d+\.)?(to|cc|bcc|from|subject|headers)\b/, '$1'],
  [/^reply_to\b/, 'replyTo.0'],
  [/^reply_to_list\b/, 'replyTo'],
  [/^(?:personalizations\.\d+\.)?send_at\b/, 'sendAt'],
  [/^categor(?:ies|y)\b/, 'tags'],
  [/^(?:personalizations\.\d+\.)?custom_args\b/, 'metadata'],
  [/^(attachments\.\d+)\.type\b/, '$1.contentType'],
  [/^(attachments\.\d+)\.content_id\b/, '$1.contentId'],
  [/^(attachments)\b/, '$1'],
];

/** The v3 Web API. */
export class SendgridApi extends VendorApi<SendgridSettings> {
  readonly vendor = 'sendgrid';
  readonly displayName = 'SendGrid';
  protected readonly errors = ERRORS;
  protected override readonly pointers = POINTERS;

  /**
   * Reads the scopes of the key, e.g. `mail.send`. Any valid key may do this, and it has no side effects.
   * https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access
   * @throws AdapterError
   */
  async scopes(settings: SendgridSettings, signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
    return this.read(settings, { method: 'GET', path: '/v3/scopes', signal }, ({ scopes }) =>
      Array.isArray(scopes) ? new Set(scopes.filter((scope) => typeof scope === 'string')) : undefined,
    );
  }

  protected origin({ region }: SendgridSettings): string {
    return ORIGINS[region];
  }

  protected headers({ apiKey }: SendgridSettings): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${apiKey}` };
  }

  /** https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses */
  protected override faultsIn(body: unknown): readonly VendorFault[] {
    const errors = isJsonObject(body) ? body['errors'] : undefined;
    if (!Array.isArray(errors)) return [];
    return errors.filter(isJsonObject).flatMap(({ message, field }) => {
      if (typeof message !== 'string') return [];
      // A missing field is null or the text "null", which is not the name of any member.
      return [{ message, field: typeof field === 'string' ? field : '' }];
    });
  }

  /** https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits */
  protected override retryAfterMs(response: HttpResponse): number | undefined {
    return response.status === 429 ? resetTime(response, 'x-ratelimit-reset', MAX_RATE_LIMIT_MS) : undefined;
  }
}
