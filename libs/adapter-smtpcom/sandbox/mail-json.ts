import type { SandboxMail, SandboxRequest } from '@score-crm/adapter-kit/sandbox';

export interface MailAddress {
  readonly name?: string;
  readonly address: string;
}

/** The part of the body of `POST /v4/messages` that is used after it was checked. */
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

/** A request that was accepted. */
export interface AcceptedMail extends SandboxMail {
  readonly json: MailJson;
  /** The headers of the HTTP request. */
  readonly headers: SandboxRequest['headers'];
}

export function recipientsOf({ recipients: { to = [], cc = [], bcc = [] } }: MailJson): readonly string[] {
  return [...to, ...cc, ...bcc].map(({ address }) => address);
}

/** Returns the unique arguments of a message. Like the vendor, it silently ignores invalid ones. */
export function uniqueArgsOf({ custom_headers = {} }: MailJson): Readonly<Record<string, unknown>> {
  const header = Object.entries(custom_headers).find(([name]) => name.toLowerCase() === 'x-smtpapi')?.[1];
  try {
    const { unique_args: args } = JSON.parse(String(header)) as { unique_args?: Readonly<Record<string, unknown>> };
    return { ...args };
  } catch {
    return {};
  }
}
