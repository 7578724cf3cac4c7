import { type EmailMessage, refuseMember } from '@score-crm/adapter-kit';
import { LIMITS } from './limits.ts';
import { optionFields } from './message-fields.ts';

const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * @throws AdapterError `unsupported` for options that Mailgun would cut or drop, `invalid_request` for an invalid time
 */
export function checkOptions(message: EmailMessage, now: number): void {
  checkTags(message);
  checkVariables(message);
  checkSendAt(message, now);
  const bytes = optionFields(message, now)
    .flat()
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes <= LIMITS.optionBytes) return;
  const hint = `Mailgun accepts at most ${String(LIMITS.optionBytes)} bytes of headers, tags and metadata together. Send less.`;
  // Metadata and tags by themselves stay below the limit.
  refuseMember('unsupported', [message.headers === undefined ? 'replyTo' : 'headers'], hint);
}

function checkTags({ tags = [] }: EmailMessage): void {
  if (new Set(tags).size > LIMITS.tags) {
    refuseMember(
      'unsupported',
      ['tags'],
      `Mailgun accepts at most ${String(LIMITS.tags)} tags per message. Remove some.`,
    );
  }
  for (const [index, tag] of tags.entries()) {
    // Mailgun strips non-ASCII characters from other tags, and drops tags that have nothing else.
    // https://documentation.mailgun.com/en/latest/api-tags.html
    if (PRINTABLE.test(tag) && tag.length <= LIMITS.tagCharacters) continue;
    const hint = `A tag must have 1 to ${String(LIMITS.tagCharacters)} ASCII characters at Mailgun. Change it.`;
    refuseMember('unsupported', ['tags', index], hint);
  }
}

function checkVariables({ metadata = {} }: EmailMessage): void {
  if (Buffer.byteLength(JSON.stringify(metadata)) <= LIMITS.metadataBytes) return;
  const hint = `Mailgun’s events include at most ${String(LIMITS.metadataBytes)} bytes of metadata. Send less.`;
  refuseMember('unsupported', ['metadata'], hint);
}

function checkSendAt({ sendAt }: EmailMessage, now: number): void {
  if (sendAt === undefined) return;
  if (Number.isNaN(sendAt.getTime()))
    refuseMember('invalid_request', ['sendAt'], 'Invalid time. Enter a valid date and time.');
  if (sendAt.getTime() - now <= LIMITS.scheduleMs) return;
  const hint = 'Mailgun schedules at most 7 days ahead, and 3 days on smaller plans. Choose an earlier time.';
  refuseMember('unsupported', ['sendAt'], hint);
}
