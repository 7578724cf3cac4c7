import { configurationError } from '../errors/adapter-error.ts';
import {
  checkAttachments,
  checkMailboxes,
  checkMetadata,
  checkRecipients,
  checkTagTexts,
  checkText,
  refuseMember,
} from './check-members.ts';
import type { EmailMessage } from './email-message.ts';
import { checkHeaders } from './headers.ts';
import { checkAscii, jsonSize } from './wire-message.ts';

/** The vendor's rules for tags. */
export interface TagRules {
  /** The maximum number of different tags. */
  readonly max: number;
  /** The maximum number of characters of each. An empty tag is rejected in any case. */
  readonly characters?: number;
  /** Whether tags must be printable ASCII. */
  readonly ascii?: boolean;
}

/** The vendor's rules for metadata. */
export interface MetadataRules {
  /** The maximum number of entries. */
  readonly entries?: number;
  readonly keyCharacters?: number;
  readonly valueCharacters?: number;
  /** The maximum size in bytes, as JSON or as measured by `size`. */
  readonly bytes?: number;
  readonly size?: (metadata: Readonly<Record<string, string>>) => number;
  /** Names that the vendor's events use for their own fields, next to the metadata. */
  readonly isReserved?: (name: string) => boolean;
}

/**
 * What a vendor accepts in a message. A member without rules is not supported: messages that have it are rejected, and
 * the capabilities say so.
 *
 * @example
 * export const RULES: MessageRules<AcmeSettings> = {
 *   vendor: 'Acme',
 *   recipients: 50,
 *   bytes: 10_000_000,
 *   size: (message) => mimeSize(message, 'base64'),
 *   replyTo: 1,
 *   tags: { max: 1, characters: 1000 },
 *   metadata: { entries: 10, keyCharacters: 20, valueCharacters: 80 },
 *   reservedHeaders: /^message-id$/,
 *   more: ({ attachments = [] }) => refuseExecutables(attachments),
 * };
 * checkMessage(message, RULES, settings);
 */
export interface MessageRules<S extends object = object> {
  /** The vendor's display name. */
  readonly vendor: string;
  /** The maximum number of recipients: to, cc and bcc together. */
  readonly recipients: number;
  /** The maximum size of a message in bytes, as measured by `size`. */
  readonly bytes: number;
  /** Default: `jsonSize`. */
  readonly size?: (message: EmailMessage) => number;
  readonly subjectCharacters?: number;
  /** The maximum number of reply-to addresses. Default: any. */
  readonly replyTo?: number;
  readonly tags?: TagRules;
  readonly metadata?: MetadataRules;
  /** How far ahead a message can be scheduled. `limit` completes “Acme schedules at most …”. */
  readonly schedule?: { readonly maxMs: number; readonly limit: string };
  /** The lowercase names of headers that the vendor sets itself, besides those that no message may set. */
  readonly reservedHeaders?: RegExp;
  /** Default: true. */
  readonly emptyAttachments?: boolean;
  /** What the names of attachments may not contain, and why as a hint. */
  readonly fileNames?: { readonly refused: RegExp; readonly hint: string };
  /** The media types that attachments may not have, and why as a hint. */
  readonly mediaTypes?: { readonly refused: RegExp; readonly hint: string };
  /** The vendor's own checks, which call `refuseMember`. */
  readonly more?: (message: EmailMessage, settings: S, now: number) => void;
}

/**
 * Rejects what the vendor would reject, or silently drop or change, before anything is sent.
 * @throws AdapterError `unsupported`, `invalid_request` or `message_too_large`, with the pointer of the member
 */
export function checkMessage<S extends object>(
  message: EmailMessage,
  rules: MessageRules<S>,
  settings: S,
  now: number = Date.now(),
): void {
  const { vendor, reservedHeaders } = rules;
  checkMailboxes(message);
  checkRecipients(message, vendor, rules.recipients);
  checkText(message, vendor);
  checkSubject(message, rules);
  checkAscii(message, vendor);
  checkReplyTo(message, rules);
  checkHeaders(message, (name) => reservedHeaders?.test(name) === true);
  checkAttachments(message);
  checkFiles(message, rules);
  checkTagTexts(message);
  checkTags(message, rules);
  checkMetadata(message);
  checkMetadataRules(message, rules);
  checkSchedule(message, rules, now);
  rules.more?.(message, settings, now);
  checkSize((rules.size ?? jsonSize)(message), rules.bytes);
}

/**
 * @param what completes “… larger than 100 bytes.”
 * @param remedy what to do, as a sentence
 * @throws AdapterError `message_too_large` if the size is more than the limit
 */
export function checkSize(
  bytes: number,
  limit: number,
  what: string = 'With its attachments the message is',
  remedy: string = 'Send smaller attachments.',
): void {
  if (bytes > limit)
    throw configurationError('message_too_large', `${what} larger than ${String(limit)} bytes. ${remedy}`);
}

function checkSubject({ subject }: EmailMessage, { subjectCharacters = Infinity }: MessageRules<never>): void {
  if (subject.length <= subjectCharacters) return;
  const hint = `A subject can have at most ${String(subjectCharacters)} characters. Shorten it.`;
  refuseMember('invalid_request', ['subject'], hint);
}

function checkReplyTo(
  { replyTo: given = [] }: EmailMessage,
  { vendor, replyTo = Infinity }: MessageRules<never>,
): void {
  if (given.length <= replyTo) return;
  const most = replyTo === 1 ? 'only one reply-to address' : `at most ${String(replyTo)} reply-to addresses`;
  refuseMember('unsupported', ['replyTo', replyTo], `${vendor} accepts ${most}. Remove the others.`);
}

function checkFiles({ attachments = [] }: EmailMessage, rules: MessageRules<never>): void {
  const { vendor, emptyAttachments = true, fileNames, mediaTypes } = rules;
  for (const [index, { filename, content, contentType }] of attachments.entries()) {
    if (!emptyAttachments && content.byteLength === 0) {
      const hint = `${vendor} does not accept empty attachments. Remove this one.`;
      refuseMember('invalid_request', ['attachments', index, 'content'], hint);
    }
    if (fileNames?.refused.test(filename) === true) {
      refuseMember('unsupported', ['attachments', index, 'filename'], fileNames.hint);
    }
    if (mediaTypes?.refused.test(contentType) === true) {
      refuseMember('unsupported', ['attachments', index, 'contentType'], mediaTypes.hint);
    }
  }
}

function checkTags({ tags = [] }: EmailMessage, { vendor, tags: rules, metadata }: MessageRules<never>): void {
  if (rules === undefined) {
    if (tags.length === 0) return;
    const instead = metadata === undefined ? 'Remove them.' : 'Remove them, or send them as metadata.';
    refuseMember('unsupported', ['tags'], `${vendor} does not support tags. ${instead}`);
  }
  const { max, characters = Infinity, ascii = false } = rules;
  if (new Set(tags).size > max) {
    const most = max === 1 ? 'only one tag' : `at most ${String(max)} tags`;
    refuseMember('unsupported', ['tags'], `${vendor} accepts ${most} per message. Remove some.`);
  }
  for (const [index, tag] of tags.entries()) {
    if (tag !== '' && tag.length <= characters && (!ascii || /^[\x20-\x7e]*$/.test(tag))) continue;
    const unit = ascii ? 'printable ASCII characters' : 'characters';
    const hint =
      characters === Infinity
        ? `A tag must consist of ${unit} at ${vendor} and cannot be empty. Change it.`
        : `A tag must have 1 to ${String(characters)} ${unit} at ${vendor}. Change it.`;
    refuseMember('unsupported', ['tags', index], hint);
  }
}

function checkMetadataRules({ metadata = {} }: EmailMessage, { vendor, metadata: rules }: MessageRules<never>): void {
  const entries = Object.entries(metadata);
  if (rules === undefined) {
    if (entries.length === 0) return;
    refuseMember('unsupported', ['metadata'], `${vendor} does not support metadata. Remove them.`);
  }
  const { keyCharacters = Infinity, valueCharacters = Infinity, bytes = Infinity } = rules;
  for (const [key, value] of entries) {
    if (rules.isReserved?.(key) === true) {
      const hint = `${vendor}’s events have a field of this name. Choose another name.`;
      refuseMember('unsupported', ['metadata', key], hint);
    }
    if (key.length > keyCharacters) {
      const hint = `A name can have at most ${String(keyCharacters)} characters at ${vendor}. Shorten it.`;
      refuseMember('unsupported', ['metadata', key], hint);
    }
    if (value.length > valueCharacters) {
      const hint = `A value can have at most ${String(valueCharacters)} characters at ${vendor}. Shorten it.`;
      refuseMember('unsupported', ['metadata', key], hint);
    }
  }
  if (entries.length > (rules.entries ?? Infinity)) {
    const hint = `${vendor} accepts at most ${String(rules.entries)} metadata entries. Send fewer.`;
    refuseMember('unsupported', ['metadata'], hint);
  }
  const size = rules.size?.(metadata) ?? Buffer.byteLength(JSON.stringify(metadata));
  if (size > bytes) {
    refuseMember(
      'unsupported',
      ['metadata'],
      `${vendor} accepts at most ${String(bytes)} bytes of metadata. Send less.`,
    );
  }
}

function checkSchedule({ sendAt }: EmailMessage, { vendor, schedule }: MessageRules<never>, now: number): void {
  if (sendAt === undefined) return;
  if (schedule === undefined) {
    refuseMember('unsupported', ['sendAt'], `${vendor} does not support scheduling. Remove the time.`);
  }
  if (Number.isNaN(sendAt.getTime())) {
    refuseMember('invalid_request', ['sendAt'], 'Invalid time. Enter a valid date and time.');
  }
  if (sendAt.getTime() - now <= schedule.maxMs) return;
  refuseMember('unsupported', ['sendAt'], `${vendor} schedules at most ${schedule.limit}. Choose an earlier time.`);
}
