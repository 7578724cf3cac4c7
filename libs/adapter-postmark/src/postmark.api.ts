import {
  type AdapterErrorCode,
  type ErrorMap,
  type ErrorRule,
  type HttpResponse,
  isJsonObject,
  type PointerTable,
  rejectedMessage,
  scalarOf,
  textOf,
  VendorApi,
  type VendorFault,
} from '@score-crm/adapter-kit';
import { NAMED_ADDRESS, NAMED_REPLY_TO } from './assumptions.ts';
import type { PostmarkSettings } from './postmark.settings.ts';

export const INACTIVE =
  'Postmark no longer sends to this address after a bounce, a complaint or an unsubscription. Remove it, or reactivate it at Postmark.';
export const UNUSABLE_STREAM =
  'This message stream cannot send, because it is archived or for inbound mail. Use another one.';
export const UNREACHABLE =
  'Postmark posted test events to the webhook URL and did not get the response 200. The URL must be reachable from the internet.';

/**
 * By Postmark's own codes, which are not HTTP statuses although many look like one: almost all come with status 422.
 * https://postmarkapp.com/developer/api/overview#error-codes
 */
const ERRORS: ErrorMap = [
  {
    ...setting(
      '10',
      'authentication_failed',
      'Postmark rejected the token. Enter an API token of the server, and not the account’s.',
    ),
    stage: 'authenticate',
  },
  {
    vendorCode: ['400', '401'],
    stage: 'sender',
    code: 'sender_not_verified',
    fault: 'sender',
    hint: 'Postmark has not confirmed the sender. Verify its domain or its sender signature there, or use another sender.',
    pointer: '/from',
  },
  setting('405', 'quota_exceeded', 'The Postmark account has no credits left. Buy more, or wait for the next period.'),
  {
    vendorCode: '406',
    stage: 'recipient',
    code: 'recipient_rejected',
    fault: 'recipient',
    hint: `${INACTIVE} Other recipients may have received the message.`,
  },
  {
    vendorCode: '411',
    code: 'message_rejected',
    fault: 'sender',
    hint: 'Postmark does not accept attachments of this type. Send the file in another form.',
    pointer: '/attachments',
  },
  setting(
    '412',
    'permission_denied',
    'Postmark has not approved the account yet: until then it sends only to the sender’s own domain. Ask Postmark for approval, or test with a recipient of that domain.',
  ),
  setting(
    ['413', '422'],
    'permission_denied',
    'Postmark does not allow the account or the server to send. Check it there.',
  ),
  setting(
    '1480',
    'permission_denied',
    'Postmark accepts requests only from IP addresses on the account’s allowlist. Add the one in its reply.',
  ),
  setting(
    ['1226', '1235'],
    'invalid_request',
    'The Postmark server has no message stream with this ID. Enter the ID as shown in the stream’s settings.',
    '/messageStream',
  ),
  setting(['1236', '1350', '1351'], 'invalid_request', UNUSABLE_STREAM, '/messageStream'),
  { ...setting('1352', 'invalid_request', 'The webhook no longer exists at Postmark. Try again.'), retryable: true },
  setting(
    '1354',
    'invalid_request',
    'Postmark rejected the webhook URL. Its host must be reachable from the internet.',
  ),
  setting('1359', 'quota_exceeded', 'The message stream has too many webhooks at Postmark. Remove an unused one.'),
  setting('1364', 'webhook_unreachable', UNREACHABLE),
  ...rejectedMessage('Postmark', { vendorCode: '300' }),
  // The firewall in front of the API.
  {
    on: 403,
    fault: 'vendor',
    hint: 'Postmark denied access before it read the request. Ask Postmark about its firewall.',
  },
];

const POINTERS: PointerTable = [
  [NAMED_ADDRESS, '$1'],
  [NAMED_REPLY_TO, 'replyTo'],
];

/**
 * The REST API, with the token of a server.
 * https://postmarkapp.com/developer/api/overview
 */
export class PostmarkApi extends VendorApi<PostmarkSettings> {
  readonly vendor = 'postmark';
  readonly displayName = 'Postmark';
  protected readonly errors = ERRORS;
  protected override readonly pointers = POINTERS;

  /** The same API with the token of the account, for its few calls about all servers. */
  ofAccount(): PostmarkApi {
    return new PostmarkAccountApi(this.http, this.endpoints);
  }

  protected origin(): string {
    return 'https://api.postmarkapp.com';
  }

  protected headers({ serverToken }: PostmarkSettings): Readonly<Record<string, string>> {
    return { 'x-postmark-server-token': serverToken };
  }

  protected override isSuccess(response: HttpResponse): boolean {
    return response.ok && ['', '0'].includes(codeOf(response));
  }

  protected override faultsIn(body: unknown, response: HttpResponse): readonly VendorFault[] {
    const code = codeOf(response);
    const message = isJsonObject(body) ? (textOf(body, 'Message') ?? '') : '';
    return code === '' && message === '' ? [] : [{ code, message }];
  }
}

class PostmarkAccountApi extends PostmarkApi {
  protected override headers({ accountToken = '' }: PostmarkSettings): Readonly<Record<string, string>> {
    return { 'x-postmark-account-token': accountToken };
  }
}

/** The vendor's code of a response; empty if it has none. A failed verification of a webhook has it in the header alone. */
function codeOf(response: HttpResponse): string {
  const body = response.jsonOrUndefined();
  const code = isJsonObject(body) ? scalarOf(body, 'ErrorCode') : undefined;
  return code ?? response.header('x-pm-apierrorcode') ?? '';
}

function setting(
  vendorCode: NonNullable<ErrorRule['vendorCode']>,
  code: AdapterErrorCode,
  hint: string,
  pointer?: string,
): ErrorRule {
  const rule: ErrorRule = { vendorCode, stage: 'message', code, fault: 'configuration', retryable: false, hint };
  return pointer === undefined ? rule : { ...rule, pointer };
}
