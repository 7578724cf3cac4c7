import {
  checkAscii,
  checkAttachments,
  checkHeaders,
  checkMailboxes,
  checkMetadata,
  checkRecipients,
  checkTagTexts,
  checkText,
  type EmailMessage,
  refuseMember,
} from '@score-crm/adapter-kit';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { checkBraces } from './braces.ts';
import { LIMITS } from './limits.ts';

/** https://support.sparkpost.com/docs/user-guide/remove-list-unsubscribe-header */
const UNSUBSCRIBE_HEADER = /^list-unsubscribe(?:-post)?$/i;

/**
 * Rejects what the vendor would reject, or silently drop or change, before anything is sent.
 * @throws AdapterError `unsupported` or `invalid_request`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage, settings: SparkpostSettings, now: number = Date.now()): void {
  checkMailboxes(message);
  checkRecipients(message, 'SparkPost', LIMITS.recipients);
  checkText(message, 'SparkPost');
  checkAscii(message, 'SparkPost');
  checkHeaders(message);
  checkBraces(message);
  checkUnsubscribe(message, settings);
  checkAttachments(message);
  checkFiles(message);
  checkTagTexts(message);
  checkTags(message);
  checkMetadata(message);
  checkMetadataSize(message);
  checkSendAt(message, now);
}

function checkUnsubscribe({ headers = {} }: EmailMessage, { transactional }: SparkpostSettings): void {
  if (transactional) return;
  for (const name of Object.keys(headers)) {
    if (!UNSUBSCRIBE_HEADER.test(name)) continue;
    const hint =
      'SparkPost sets this header itself and reports its use as an event. Remove it, or turn on “Transactional mail” for the connection.';
    refuseMember('unsupported', ['headers', name], hint);
  }
}

function checkFiles({ attachments = [] }: EmailMessage): void {
  for (const [index, { filename, content, contentId }] of attachments.entries()) {
    const path = ['attachments', index];
    if (content.byteLength === 0) {
      refuseMember(
        'invalid_request',
        [...path, 'content'],
        'SparkPost does not accept empty attachments. Remove this one.',
      );
    }
    const member = contentId === undefined ? 'filename' : 'contentId';
    const name = contentId ?? filename;
    if (Buffer.byteLength(name) > LIMITS.nameBytes) {
      refuseMember(
        'unsupported',
        [...path, member],
        `SparkPost accepts at most ${String(LIMITS.nameBytes)} bytes per name. Shorten it.`,
      );
    }
  }
}

function checkTags({ tags = [] }: EmailMessage): void {
  if (new Set(tags).size > LIMITS.tags) {
    refuseMember(
      'unsupported',
      ['tags'],
      `SparkPost accepts at most ${String(LIMITS.tags)} tags per message. Remove some.`,
    );
  }
  const empty = tags.indexOf('');
  if (empty >= 0)
    refuseMember('unsupported', ['tags', empty], 'SparkPost does not accept empty tags. Remove this one.');
}

function checkMetadataSize({ metadata = {} }: EmailMessage): void {
  if (Buffer.byteLength(JSON.stringify(metadata)) <= LIMITS.metadataBytes) return;
  const hint = `SparkPost’s events include at most ${String(LIMITS.metadataBytes)} bytes of metadata. Send less.`;
  refuseMember('unsupported', ['metadata'], hint);
}

function checkSendAt({ sendAt }: EmailMessage, now: number): void {
  if (sendAt === undefined) return;
  if (Number.isNaN(sendAt.getTime()))
    refuseMember('invalid_request', ['sendAt'], 'Invalid time. Enter a valid date and time.');
  if (sendAt.getTime() - now > LIMITS.scheduleMs) {
    refuseMember('unsupported', ['sendAt'], 'SparkPost schedules at most 3 days ahead. Choose an earlier time.');
  }
}
