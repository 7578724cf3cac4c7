import {
  AdapterError,
  checkAscii,
  checkAttachments,
  checkHeaders,
  checkMailboxes,
  checkMetadata,
  checkRecipients,
  checkText,
  type EmailMessage,
  refuseMember,
  wireMessage,
} from '@score-crm/adapter-kit';

export const LIMITS = { recipients: 20, bytes: 200_000 } as const;

/** @throws AdapterError */
export function checkMessage(message: EmailMessage): void {
  checkMailboxes(message);
  checkRecipients(message, 'Model Mail', LIMITS.recipients);
  checkText(message, 'Model Mail');
  checkAscii(message, 'Model Mail');
  checkHeaders(message);
  checkAttachments(message);
  checkMetadata(message);
  if ((message.tags ?? []).length > 0)
    refuseMember('unsupported', ['tags'], 'Model Mail does not support tags. Remove them.');
  if (message.sendAt !== undefined) {
    refuseMember('unsupported', ['sendAt'], 'Model Mail does not support scheduling. Remove the time.');
  }
}

/** The request's body. @throws AdapterError if it is too large */
export function messageJson(given: EmailMessage): object {
  const { attachments = [], ...message } = wireMessage(given);
  const json = {
    ...message,
    attachments: attachments.map(({ content, ...rest }) => ({
      ...rest,
      content: Buffer.from(content).toString('base64'),
    })),
  };
  if (Buffer.byteLength(JSON.stringify(json)) <= LIMITS.bytes) return json;
  throw new AdapterError({
    stage: 'message',
    code: 'message_too_large',
    fault: 'configuration',
    retryable: false,
    hint: 'The message is too large for Model Mail. Send smaller attachments.',
  });
}
