import {
  AdapterError,
  type AdapterErrorCode,
  type EmailMessage,
  jsonPointer,
  type Mailbox,
  type Stage,
} from '@score-crm/adapter-kit';

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f]/;
// eslint-disable-next-line no-control-regex
const ADDRESS = /^[^\s\0-\x20\x7f<>()[\]\\,;:"@]+@[^\s\0-\x20\x7f<>()\\,;"@]+$/;
// RFC 5322, 3.6.8
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]+$/;
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/;

// What the message's own members say, and what only the composer may write.
const OWN_HEADERS = /^(from|sender|to|cc|bcc|reply-to|subject|mime-version|return-path|(content|resent)-.*)$/i;

const INEXPRESSIBLE = ['tags', 'metadata', 'sendAt'] as const;

/**
 * Refuses what SMTP cannot carry, instead of leaving it out, and what would break out of a header.
 * @throws AdapterError `unsupported` or `invalid_request`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage): void {
  for (const member of INEXPRESSIBLE) {
    if (!isEmpty(message[member])) refuse('unsupported', 'message', [member], `SMTP has no ${member}. Leave it out.`);
  }
  checkMailbox(message.from, 'sender', 'from');
  for (const member of ['to', 'cc', 'bcc'] as const) {
    message[member]?.forEach((mailbox, index) => checkMailbox(mailbox, 'recipient', member, index));
  }
  message.replyTo?.forEach((mailbox, index) => checkMailbox(mailbox, 'message', 'replyTo', index));
  if ([message.to, message.cc, message.bcc].every((list) => list === undefined || list.length === 0)) {
    refuse('invalid_request', 'recipient', ['to'], 'The message has no recipient.');
  }
  checkText(message.subject, 'subject');
  for (const [name, value] of Object.entries(message.headers ?? {})) checkHeader(name, value);
  message.attachments?.forEach((attachment, index) => {
    checkText(attachment.filename, 'attachments', index, 'filename');
    checkText(attachment.contentId ?? '', 'attachments', index, 'contentId');
    checkText(attachment.contentType, 'attachments', index, 'contentType');
    if (!MEDIA_TYPE.test(attachment.contentType)) {
      refuse(
        'invalid_request',
        'message',
        ['attachments', index, 'contentType'],
        'Name a media type such as application/pdf.',
      );
    }
  });
}

function checkMailbox(mailbox: Mailbox, stage: Stage, ...path: (string | number)[]): void {
  if (!ADDRESS.test(mailbox.email)) {
    refuse(
      'invalid_request',
      stage,
      [...path, 'email'],
      'This is no e-mail address. Give one address alone, without a name.',
    );
  }
  if (CONTROL.test(mailbox.name ?? '')) controlCharacter(stage, [...path, 'name']);
}

function checkHeader(name: string, value: string): void {
  const path = ['headers', name];
  if (!HEADER_NAME.test(name))
    refuse('invalid_request', 'message', path, 'A header name is of printable ASCII without a colon.');
  if (OWN_HEADERS.test(name)) {
    refuse(
      'invalid_request',
      'message',
      path,
      'This header is made from the message itself. Use the member of the message.',
    );
  }
  if (CONTROL.test(value)) controlCharacter('message', path);
  if (value.trim() === '')
    refuse('invalid_request', 'message', path, 'The header is empty. Leave it out, or give it a value.');
}

function checkText(text: string, ...path: (string | number)[]): void {
  if (CONTROL.test(text)) controlCharacter('message', path);
}

function controlCharacter(stage: Stage, path: readonly (string | number)[]): never {
  return refuse(
    'invalid_request',
    stage,
    path,
    'A line break or another control character is not allowed here. Remove it.',
  );
}

function refuse(code: AdapterErrorCode, stage: Stage, path: readonly (string | number)[], hint: string): never {
  const fault = stage === 'recipient' ? 'recipient' : 'sender';
  throw new AdapterError({ stage, code, fault, retryable: false, hint, pointer: jsonPointer(...path) });
}

function isEmpty(value: readonly string[] | Readonly<Record<string, string>> | Date | undefined): boolean {
  return value === undefined || (!(value instanceof Date) && Object.keys(value).length === 0);
}
