import {
  AdapterError,
  type ApiDiagnosis,
  configurationError,
  type DiagnosisContext,
  FormBody,
  isJsonObject,
  type JsonItem,
  objectIn,
  type RegistrationCall,
  textOf,
} from '@score-crm/adapter-kit';
import { NOTHING_TO_SEND } from './assumptions.ts';
import { type MailgunApi, UNVERIFIED_DOMAIN } from './mailgun.api.ts';
import { messagesPath } from './mailgun.message.ts';
import type { MailgunSettings } from './mailgun.settings.ts';

/** The domain as Mailgun shows it, or undefined for a key that can only send. */
export type Account = JsonItem | undefined;
type Context = DiagnosisContext<MailgunSettings, MailgunApi>;

/** Tests the key and the domain, by reading and by sending. Mailgun verifies domains, not addresses. */
export const DIAGNOSIS: ApiDiagnosis<MailgunSettings, MailgunApi, Account> = {
  account,
  // 403 means that something else than the key denies access; for any statement about the domain, Mailgun looked it up.
  isKeyKnown: ({ status, stage }) => status === 403 || stage === 'sender',
  permissions: async (domain, context) => {
    if (domain === undefined) return true;
    refuseInactive(domain, context);
    await probeSending(context.api, context).catch(refuseSending);
    return true;
  },
  sender: async ({ email }, domain, { settings }) => {
    if (domain === undefined) return 'a sending key cannot read the state of its domain';
    if (isAligned(email.slice(email.lastIndexOf('@') + 1), settings.domain)) return undefined;
    return `Mailgun accepts it, but receivers may reject a sender outside ${settings.domain}`;
  },
};

/**
 * Checks whether the key can send, with an empty message without recipients: Mailgun rejects it after accepting the
 * key. It is free of charge, while a message in test mode is charged.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/test-mode
 * @throws AdapterError if the key cannot send
 */
export async function probeSending(
  api: MailgunApi,
  { settings, signal }: Pick<RegistrationCall<MailgunSettings>, 'settings' | 'signal'>,
): Promise<void> {
  const body = FormBody.multipart([['o:testmode', 'yes']]);
  const response = await api.request(settings, { method: 'POST', path: messagesPath(settings), body, signal });
  if (!response.ok) {
    const failure = api.responseError(response, settings);
    if (response.status === 400 && NOTHING_TO_SEND.test(failure.details.reply ?? '')) return;
    throw failure;
  }
  throw api.notVendor(response);
}

/** https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domains/get-v4-domains--name- */
async function account({ api, settings, signal, report }: Context): Promise<Account> {
  const path = `/v4/domains/${encodeURIComponent(settings.domain)}`;
  try {
    return await api.read(settings, { method: 'GET', path, signal }, ({ domain }) =>
      isJsonObject(domain) ? domain : undefined,
    );
  } catch (error) {
    // The response to a key with other permissions, such as a sending key, is the same as to a wrong one.
    if (!(error instanceof AdapterError) || ![401, 403].includes(error.details.status ?? 0)) throw error;
    report.connected(api.baseUrl(settings));
    await probeSending(api, { settings, signal });
    return undefined;
  }
}

function refuseInactive(domain: JsonItem, { api, settings }: Context): void {
  const state = textOf(domain, 'state');
  if (state === 'unverified') throw new AdapterError(UNVERIFIED_DOMAIN);
  if (state !== 'disabled') return;
  const reason = textOf(objectIn(domain, 'disabled'), 'reason');
  const hint = 'Mailgun has disabled the domain, so it cannot send. Check the domain there.';
  const reply = reason === undefined ? {} : { reply: api.scrubber(settings)(reason) };
  throw configurationError('permission_denied', hint, reply);
}

/** The key was accepted for reading, so a rejection concerns only sending. */
function refuseSending(error: unknown): never {
  if (!(error instanceof AdapterError) || error.details.status !== 401) throw error;
  const hint =
    'The API key is valid but cannot send. Use a sending key of the domain, or an account key with the role Admin or Developer.';
  throw new AdapterError({ ...error.details, stage: 'message', code: 'permission_denied', hint });
}

/** Whether one is the other or its subdomain: the signature of one then counts for both (RFC 7489, 3.1.1). */
function isAligned(sender: string, domain: string): boolean {
  const [a, b] = [`.${sender.toLowerCase()}`, `.${domain.toLowerCase()}`];
  return a.endsWith(b) || b.endsWith(a);
}
