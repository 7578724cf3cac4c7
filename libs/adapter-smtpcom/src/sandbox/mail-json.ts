import type { SandboxMail, SandboxRequest } from '@score-crm/adapter-kit/sandbox';

export interface MailAddress {
  readonly name?: string;
  readonly address: string;
}

/** The body of `POST /v4/messages`, as far as it is read after it was checked. */
export interface MailJson {
  readonly channel: string;
  readonly recipients: Readonly<Partial<Record<'to' | 'cc' | 'bcc', readonly MailAddress[]>>>;
  readonly originator: { readonly from: MailAddress; readonly reply_to?: MailAddress };
  readonly custom_headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly subject?: string;
  readonly body: {
    readonly parts?: readonly Readonly<Record<string, string>>[];
    readonly attachments?: readonly Readonly<Record<string, string>>[];
  };
}

/** A request that was answered with success. */
export interface AcceptedMail extends SandboxMail {
  readonly json: MailJson;
  /** The request's own headers. */
  readonly headers: SandboxRequest['headers'];
}

export function recipientsOf({ recipients: { to = [], cc = [], bcc = [] } }: MailJson): readonly string[] {
  return [...to, ...cc, ...bcc].map(({ address }) => address);
}

/** The unique arguments of a mail. As at the vendor, what cannot be read is none, without a word. */
export function uniqueArgsOf({ custom_headers = {} }: MailJson): Readonly<Record<string, unknown>> {
  const header = Object.entries(custom_headers).find(([name]) => name.toLowerCase() === 'x-smtpapi')?.[1];
  try {
    const { unique_args: args } = JSON.parse(String(header)) as { unique_args?: Readonly<Record<string, unknown>> };
    return { ...args };
  } catch {
    return {};
  }
}
