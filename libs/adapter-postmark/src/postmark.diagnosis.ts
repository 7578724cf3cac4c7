import {
  AdapterError,
  type ApiDiagnosis,
  configurationError,
  type DiagnosisContext,
  type JsonItem,
  type Mailbox,
  objectsIn,
  scalarOf,
  textOf,
} from '@score-crm/adapter-kit';
import { SUBDOMAINS_MAY_SEND } from './assumptions.ts';
import { type PostmarkApi, UNUSABLE_STREAM } from './postmark.api.ts';
import type { PostmarkSettings } from './postmark.settings.ts';

/** The server, as Postmark describes it. It includes the server's tokens: never show it. */
export type Account = JsonItem;
type Context = DiagnosisContext<PostmarkSettings, PostmarkApi>;

const PAGE = 500;
const MAX_PAGES = 10;

/**
 * Reads the server and the message stream; the sender only with a token of the account. Approval of the account and the
 * IP allowlist show only when a message is sent.
 */
export const DIAGNOSIS: ApiDiagnosis<PostmarkSettings, PostmarkApi, Account> = {
  account: ({ api, settings, signal }) => api.object(settings, { method: 'GET', path: '/server', signal }),
  // Without a code of Postmark's, it is the firewall, which has not looked at the token.
  isKeyKnown: ({ code, fault }) => code === 'permission_denied' && fault === 'configuration',
  permissions: async (server, context) => {
    await checkStream(context);
    if (textOf(server, 'DeliveryType') === 'Sandbox') {
      const hint =
        'This is a sandbox server: Postmark reports messages as delivered but sends none. Enter the token of a live server.';
      throw configurationError('permission_denied', hint);
    }
    return true;
  },
  sender: checkSender,
};

async function checkStream({ api, settings, signal }: Context): Promise<void> {
  const path = `/message-streams/${encodeURIComponent(settings.messageStream)}`;
  const stream = await api.object(settings, { method: 'GET', path, signal });
  if (textOf(stream, 'MessageStreamType') !== 'Inbound' && textOf(stream, 'ArchivedAt') === undefined) return;
  throw configurationError('invalid_request', UNUSABLE_STREAM, { pointer: '/messageStream' });
}

/** @returns why the check was skipped, or undefined if Postmark has verified the sender */
async function checkSender({ email }: Mailbox, _server: Account, context: Context): Promise<string | undefined> {
  if ((context.settings.accountToken ?? '') === '') return 'Only a token of the account can list the verified senders';
  const address = email.toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const verified = (await list('/domains', 'Domains', context))
    .filter((entry) => entry['DKIMVerified'] === true)
    .map((entry) => textOf(entry, 'Name')?.toLowerCase() ?? '');
  if (verified.includes(domain)) return undefined;
  const signatures = await list('/senders', 'SenderSignatures', context);
  const isConfirmed = signatures.some(
    (entry) => entry['Confirmed'] === true && textOf(entry, 'EmailAddress')?.toLowerCase() === address,
  );
  if (isConfirmed) return undefined;
  if (SUBDOMAINS_MAY_SEND && verified.some((parent) => parent !== '' && domain.endsWith(`.${parent}`))) {
    return 'Postmark has verified only the domain above the sender’s';
  }
  throw new AdapterError({
    stage: 'sender',
    code: 'sender_not_verified',
    fault: 'sender',
    retryable: false,
    hint: 'Postmark has verified neither the sender’s domain nor its address. Verify one of them there.',
    pointer: '/from',
  });
}

async function list(path: string, member: string, { api, settings, signal }: Context): Promise<readonly JsonItem[]> {
  const found: JsonItem[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { count: String(PAGE), offset: String(page * PAGE) };
    const body = await api.ofAccount().object(settings, { method: 'GET', path, query, signal });
    const entries = objectsIn(body[member]);
    found.push(...entries);
    if (entries.length === 0 || found.length >= Number(scalarOf(body, 'TotalCount') ?? 0)) break;
  }
  return found;
}
