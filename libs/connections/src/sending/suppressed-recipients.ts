import { type EmailMessage, type Mailbox, recipientsOf, type RejectedRecipient } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import type { ConnectionRow } from '../connections/connection-row.ts';
import type { SuppressionReason } from '../suppression/suppression-rules.ts';
import { SuppressionsService } from '../suppression/suppressions.service.ts';
import { RecipientSuppressedError } from './send-errors.ts';

/** A message, divided into what is sent and the recipients that are suppressed. */
export interface DividedMessage {
  readonly allowed: EmailMessage;
  readonly suppressed: readonly RejectedRecipient[];
}

const LISTS = ['to', 'cc', 'bcc'] as const;

/** Removes suppressed recipients from messages, unless the connection does not check suppressions. */
@Injectable()
export class SuppressedRecipients {
  constructor(private readonly suppressions: SuppressionsService) {}

  /** @throws RecipientSuppressedError if no recipient is left in `to`: copies are not sent alone */
  async remove({ organization, checkSuppressions }: ConnectionRow, message: EmailMessage): Promise<DividedMessage> {
    if (!checkSuppressions) return { allowed: message, suppressed: [] };
    const reasons = await this.suppressions.reasonsOf(organization, recipientsOf(message));
    if (reasons.size === 0) return { allowed: message, suppressed: [] };
    const suppressed = LISTS.flatMap((list) => suppressedIn(list, message[list] ?? [], reasons));
    const allowedIn = (list: readonly Mailbox[] = []): Mailbox[] => list.filter(({ email }) => !reasons.has(email));
    const allowed = { ...message, to: allowedIn(message.to), cc: allowedIn(message.cc), bcc: allowedIn(message.bcc) };
    if (allowed.to.length > 0) return { allowed, suppressed };
    const errors = suppressed.map(({ error: { pointer = '', code, hint } }) => ({ pointer, code, message: hint }));
    throw new RecipientSuppressedError(errors);
  }
}

function suppressedIn(
  list: (typeof LISTS)[number],
  mailboxes: readonly Mailbox[],
  reasons: ReadonlyMap<string, SuppressionReason>,
): RejectedRecipient[] {
  return mailboxes.flatMap(({ email }, index) => {
    const reason = reasons.get(email);
    if (reason === undefined) return [];
    const error = {
      stage: 'recipient',
      code: 'recipient_suppressed',
      fault: 'recipient',
      retryable: false,
      hint: `Suppressed: ${reason}. Remove the suppression to send to this address again.`,
      pointer: `/${list}/${String(index)}/email`,
    } as const;
    return [{ recipient: email, error }];
  });
}
