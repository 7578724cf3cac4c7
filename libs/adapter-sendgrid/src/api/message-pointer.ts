import { jsonPointer } from '@score-crm/adapter-kit';

/** The vendor's names of message members, and those of the kit. */
const MEMBERS: readonly (readonly [field: RegExp, member: string])[] = [
  [/^personalizations(?:\.\d+)?$/, 'to'],
  [/^(to|cc|bcc|from|subject|headers)\b/, '$1'],
  [/^reply_to\b/, 'replyTo.0'],
  [/^reply_to_list\b/, 'replyTo'],
  [/^send_at\b/, 'sendAt'],
  [/^categor(?:ies|y)\b/, 'tags'],
  [/^custom_args\b/, 'metadata'],
  [/^(attachments\.\d+)\.type\b/, '$1.contentType'],
  [/^(attachments\.\d+)\.content_id\b/, '$1.contentId'],
  [/^(attachments)\b/, '$1'],
];

/**
 * Returns the pointer of a message member for a field named by the vendor: `/to/0/email` for
 * `personalizations.0.to.0.email`.
 */
export function messagePointer(field: string): string | undefined {
  const dotted = field.replace(/\[(\d+)\]/g, '.$1').replace(/^personalizations\.\d+\./, '');
  const known = MEMBERS.find(([pattern]) => pattern.test(dotted));
  if (known === undefined) return undefined;
  const [member = '', ...rest] = dotted.replace(known[0], known[1]).split('.');
  // Their keys are chosen by the caller and may contain dots.
  const isMap = member === 'headers' || member === 'metadata';
  return jsonPointer(member, ...(isMap && rest.length > 0 ? [rest.join('.')] : rest));
}
