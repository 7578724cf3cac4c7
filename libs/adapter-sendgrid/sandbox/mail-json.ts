import type { SandboxMail } from '@score-crm/adapter-kit/sandbox';

export interface AddressJson {
  readonly email: string;
  readonly name?: string;
}

export interface PersonalizationJson {
  readonly to: readonly AddressJson[];
  readonly cc?: readonly AddressJson[];
  readonly bcc?: readonly AddressJson[];
  readonly custom_args?: Readonly<Record<string, string>>;
}

/** The part of the body of `POST /v3/mail/send` that is used after it was checked. */
export interface MailJson {
  readonly personalizations: readonly PersonalizationJson[];
  readonly from: AddressJson;
  readonly reply_to_list?: readonly AddressJson[];
  readonly subject?: string;
  readonly content?: readonly { readonly type: string; readonly value: string }[];
  readonly attachments?: readonly Readonly<Record<string, string>>[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly categories?: readonly string[];
  readonly custom_args?: Readonly<Record<string, string>>;
  readonly send_at?: number;
  readonly mail_settings?: { readonly sandbox_mode?: { readonly enable: boolean } };
}

/** A request that was accepted. */
export interface AcceptedMail extends SandboxMail {
  readonly json: MailJson;
  /** Whether `sandbox_mode` prevented it from being sent. */
  readonly sandboxed: boolean;
  /** The headers of the HTTP request. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export function acceptedMail(messageId: string, json: MailJson, headers: AcceptedMail['headers']): AcceptedMail {
  return {
    messageId,
    from: json.from.email,
    recipients: recipientsOf(json).map(({ email }) => email),
    subject: json.subject ?? '',
    json,
    sandboxed: json.mail_settings?.sandbox_mode?.enable === true,
    headers,
  };
}

/** Returns the recipients of a message, each with the custom arguments of its events. */
export function recipientsOf({
  personalizations,
  custom_args,
}: MailJson): readonly { readonly email: string; readonly customArgs: Readonly<Record<string, string>> }[] {
  return personalizations.flatMap((envelope) =>
    [...envelope.to, ...(envelope.cc ?? []), ...(envelope.bcc ?? [])].map(({ email }) => ({
      email,
      customArgs: { ...custom_args, ...envelope.custom_args },
    })),
  );
}
