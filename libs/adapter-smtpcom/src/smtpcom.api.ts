import {
  type ApiCall,
  type ErrorMap,
  type HttpResponse,
  isJsonObject,
  type JsonItem,
  type LocatedFault,
  type MappedError,
  type PointerTable,
  rejectedMember,
  VendorApi,
  type VendorFault,
} from '@score-crm/adapter-kit';
import { QUOTA, UNVERIFIED_SENDER } from './assumptions.ts';
import type { SmtpcomSettings } from './smtpcom.settings.ts';

// A rejection can also have a status of success.
const SUCCESS = [200, 201, 202, 203, 204];
const REJECTED = [...SUCCESS, 400];

/** For the statuses and faults for which the kit's general meaning is not specific enough. */
const ERRORS: ErrorMap = [
  { on: 401, hint: 'SMTP.com rejected the API key. Enter a valid one from Account, API Keys.' },
  {
    on: 403,
    stage: 'message',
    hint: 'SMTP.com denied access to this API key. Check there that the account is active.',
  },
  { on: SUCCESS, derive: trouble },
  {
    on: REJECTED,
    words: QUOTA,
    code: 'quota_exceeded',
    fault: 'vendor',
    retryable: true,
    hint: 'The quota at SMTP.com is used up. Wait for the next period, or raise the quota.',
  },
  {
    on: REJECTED,
    field: 'channel',
    hint: 'SMTP.com rejected the channel. Enter its exact name, as shown under Channels.',
    pointer: '/channel',
  },
  { on: REJECTED, derive: unverifiedSender },
  { on: REJECTED, derive: rejectedMember('SMTP.com') },
  { on: REJECTED, fault: 'sender', hint: 'SMTP.com rejected the request. Read its reply.' },
];

const POINTERS: PointerTable = [
  [/^(?:recipients\.)?(to|cc|bcc)\.(\d+)\.address$/, '$1.$2.email'],
  [/^(?:recipients\.)?(to|cc|bcc)\b/, '$1'],
  [/^recipients$/, 'to'],
  [/^(?:originator\.)?reply_to\.address$/, 'replyTo.0.email'],
  [/^(?:originator\.)?reply_to\b/, 'replyTo.0'],
  [/^(?:originator\.)?from\.address$/, 'from.email'],
  [/^(?:originator\.)?from\b/, 'from'],
  [/^originator$/, 'from'],
  [/^subject$/, 'subject'],
  [/^custom_headers\.x-smtpapi$/i, 'metadata'],
  [/^custom_headers\b/, 'headers'],
  [/^(?:body\.)?(attachments\.\d+)\.type$/, '$1.contentType'],
  [/^(?:body\.)?(attachments\.\d+)\.cid$/, '$1.contentId'],
  [/^(?:body\.)?attachments\b/, 'attachments'],
];

const DEEPEST = 8;

/**
 * The API v4, whose responses have the form of JSend (https://github.com/omniti-labs/jsend).
 * https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`
 */
export class SmtpcomApi extends VendorApi<SmtpcomSettings> {
  readonly vendor = 'smtpcom';
  readonly displayName = 'SMTP.com';
  protected readonly errors = ERRORS;
  protected override readonly pointers = POINTERS;

  /**
   * Returns the `data` of the response; empty if it is not an object.
   * @throws AdapterError for any response that is not a success of the vendor's
   */
  async data(settings: SmtpcomSettings, call: ApiCall): Promise<JsonItem> {
    const response = await this.call(settings, call);
    const { status, data } = envelopeOf(response.jsonOrUndefined());
    // A proxy or a sign-in page that responds with 200 to every request.
    if (status !== 'success') throw this.notVendor(response, 'so the request may not have been processed');
    return isJsonObject(data) ? data : {};
  }

  protected origin(): string {
    return 'https://api.smtp.com';
  }

  protected headers({ apiKey }: SmtpcomSettings): Readonly<Record<string, string>> {
    return { 'x-smtpcom-api': apiKey };
  }

  protected override isSuccess(response: HttpResponse): boolean {
    const { status } = envelopeOf(response.jsonOrUndefined());
    return response.ok && status !== 'fail' && status !== 'error';
  }

  /**
   * Texts by field, in `data.errors` or in `data` itself, possibly in arrays or nested objects, and the single `message`
   * of an error.
   */
  protected override faultsIn(body: unknown): readonly VendorFault[] {
    const { data, message } = envelopeOf(body);
    const errors = isJsonObject(data) ? (data['errors'] ?? data) : data;
    return [...faultsIn(errors, []), ...faultsIn(message, [])];
  }

  protected override replyOf(faults: readonly VendorFault[]): string {
    return faults.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`)).join('; ');
  }
}

/** Returns the objects of a response: the data itself, or its `items`, since documentation and clients differ. */
export function itemsIn(data: JsonItem): readonly JsonItem[] {
  const { items = data } = data;
  return [items].flat().filter(isJsonObject);
}

function envelopeOf(body: unknown): { readonly status?: unknown; readonly data?: unknown; readonly message?: unknown } {
  return isJsonObject(body) ? body : {};
}

function faultsIn(value: unknown, path: readonly string[]): readonly VendorFault[] {
  if (typeof value === 'string') {
    return value === '' ? [] : [{ message: value, ...(path.length === 0 ? {} : { field: path.join('.') }) }];
  }
  if (typeof value !== 'object' || value === null || path.length === DEEPEST) return [];
  // Several texts concern the same field; several objects are items of an array.
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    faultsIn(inner, Array.isArray(value) && typeof inner === 'string' ? path : [...path, name]),
  );
}

function trouble(_faults: readonly LocatedFault[], _words: string, response: HttpResponse): MappedError | undefined {
  if (envelopeOf(response.jsonOrUndefined()).status !== 'error') return undefined;
  const hint = 'SMTP.com is temporarily unavailable. Try again later.';
  return { code: 'temporarily_unavailable', fault: 'vendor', retryable: true, hint };
}

function unverifiedSender(faults: readonly LocatedFault[]): MappedError | undefined {
  const { pointer = '', message = '' } = faults.find((fault) => fault.pointer !== undefined) ?? {};
  if (!pointer.startsWith('/from') || !UNVERIFIED_SENDER.test(message)) return undefined;
  return {
    stage: 'sender',
    code: 'sender_not_verified',
    fault: 'sender',
    hint: 'SMTP.com does not allow this sender. Verify its domain there, or use another sender.',
    pointer,
  };
}
