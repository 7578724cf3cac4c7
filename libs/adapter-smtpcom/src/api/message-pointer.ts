import { jsonPointer } from '@score-crm/adapter-kit';

/** The vendor's names of message members, and those of the kit. */
const MEMBERS: readonly (readonly [field: RegExp, member: string])[] = [
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

/**
 * Returns the pointer of a message member for a field named by the vendor: `/to/0/email` for `recipients.to.0.address`.
 */
export function messagePointer(field: string): string | undefined {
  const dotted = field.replace(/\[(\d+)\]/g, '.$1');
  const known = MEMBERS.find(([pattern]) => pattern.test(dotted));
  if (known === undefined) return undefined;
  const [member = '', ...rest] = dotted.replace(known[0], known[1]).split('.');
  // A header's name may contain dots.
  return jsonPointer(member, ...(member === 'headers' && rest.length > 0 ? [rest.join('.')] : rest));
}
