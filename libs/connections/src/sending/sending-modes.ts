import { type AdapterCapabilities, type EmailMessage, recipientsOf, type SendResult } from '@score-crm/adapter-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { ConnectionRow } from '../connections/connection-row.ts';
import {
  type EffectiveMode,
  effectiveMode,
  listed,
  redirectedSubject,
  serviceMode,
} from '../connections/sending-mode.ts';
import { cutText, TEST_METADATA } from '../events/event-record.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import type { MessageIds } from './message-ids.ts';
import { MESSAGE_LIMITS } from './message-input.ts';

/** A sender cannot set it: the prefix is reserved. Mail servers add `X-Original-To` themselves, with another meaning. */
const ORIGINAL_TO = 'X-Score-Original-To';
const HEADER_RECIPIENTS = 1_500;

/** Changes messages as the mode of the service and of the connection requires. */
@Injectable()
export class SendingModes {
  private readonly service: EffectiveMode;

  constructor(@Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions) {
    this.service = serviceMode(options);
  }

  /** Whether messages are sent to their own recipients. */
  isLive({ mode }: Pick<ConnectionRow, 'mode'>): boolean {
    return this.service.mode === 'live' && mode === 'live';
  }

  /** @returns the message to send; undefined if it is dropped @throws SendingModeUnknownError */
  apply(row: ConnectionRow, message: EmailMessage, capabilities: AdapterCapabilities): EmailMessage | undefined {
    const effective = effectiveMode(this.service, row);
    if (effective.mode === 'live') return message;
    return effective.mode === 'drop' ? undefined : redirected(message, effective.redirectTo, capabilities);
  }
}

/** The message with one recipient, and neither cc nor bcc. */
function redirected(message: EmailMessage, redirectTo: string, { customHeaders }: AdapterCapabilities): EmailMessage {
  const recipients = recipientsOf(message);
  const { cc: _cc, bcc: _bcc, headers, subject, ...others } = message;
  const original = { [ORIGINAL_TO]: listed(recipients, HEADER_RECIPIENTS) };
  return {
    ...others,
    to: [{ email: redirectTo }],
    subject: cutText(redirectedSubject(recipients, subject), MESSAGE_LIMITS.subject),
    ...(customHeaders ? { headers: { ...headers, ...original } } : {}),
  };
}

/** The result of a message that is not sent. */
export function droppedResult(message: EmailMessage, { messageId }: MessageIds): SendResult {
  return { messageId: `dropped-${messageId}`, accepted: recipientsOf(message), rejected: [] };
}

/** The message for its events, which are marked as test: it was not sent. */
export function asTest(message: EmailMessage): EmailMessage {
  return { ...message, metadata: { ...message.metadata, [TEST_METADATA]: 'dropped' } };
}
