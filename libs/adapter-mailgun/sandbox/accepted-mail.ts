import { randomBytes } from 'node:crypto';
import type { SandboxMail } from '@score-crm/adapter-kit/sandbox';
import { addressIn, recipientsIn } from './mail-rules.ts';
import { textsOf } from './read-form.ts';

/** A message that was accepted. Its id has no brackets. */
export interface AcceptedMail extends SandboxMail {
  readonly domain: string;
  readonly form: FormData;
  /** Of the files in `form`, in order, as they were sent. */
  readonly fileTypes: readonly string[];
  /** Whether `o:testmode` prevents it from being sent. */
  readonly sandboxed: boolean;
}

export function acceptedMail(domain: string, form: FormData, fileTypes: readonly string[], now: Date): AcceptedMail {
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  return {
    messageId: `${stamp}.${randomBytes(8).toString('hex')}@${domain}`,
    from: addressIn(textsOf(form, 'from')[0] ?? '') ?? '',
    recipients: [...new Set(recipientsIn(form))],
    subject: textsOf(form, 'subject')[0] ?? '',
    domain,
    form,
    fileTypes,
    sandboxed: form.has('o:testmode'),
  };
}
