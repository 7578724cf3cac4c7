import type { AdapterErrorDetails } from '../errors/adapter-error.ts';

/** An address with an optional display name. */
export interface Mailbox {
  /** The address without a name, such as `ada@example.com`. */
  readonly email: string;
  /** The display name, unquoted and unencoded. */
  readonly name?: string;
}

/** A file, or an inline image if it has a content ID. */
export interface Attachment {
  readonly filename: string;
  /** The decoded bytes. */
  readonly content: Uint8Array;
  /** A media type such as `application/pdf`. */
  readonly contentType: string;
  /** Makes it an inline image: `logo` is shown by `<img src="cid:logo">`. */
  readonly contentId?: string;
}

/** A message in the kit's vendor-independent form. It needs at least one recipient. */
export interface EmailMessage {
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc?: readonly Mailbox[];
  readonly bcc?: readonly Mailbox[];
  readonly replyTo?: readonly Mailbox[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  /** Custom headers by name. Values may contain non-ASCII characters. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly Attachment[];
  /** Labels for grouping, returned in events. */
  readonly tags?: readonly string[];
  /** Key-value pairs, returned in events. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Schedules the message at the vendor. */
  readonly sendAt?: Date;
}

/** The result of a message that at least one recipient was accepted for. */
export interface SendResult {
  /**
   * The id that the events of this message will carry, unique per vendor account. Messages that were sent together may share
   * one; their recipients then differ.
   */
  readonly messageId: string;
  /** Addresses, spelled as in the message. */
  readonly accepted: readonly string[];
  /** The recipients that were not accepted, each with the reason. */
  readonly rejected: readonly RejectedRecipient[];
}

/** What became of one message of several that were sent together. */
export type BatchResult = { readonly result: SendResult } | { readonly error: AdapterErrorDetails };

/** A recipient that was not accepted. */
export interface RejectedRecipient {
  /** The address, spelled as in the message. */
  readonly recipient: string;
  readonly error: AdapterErrorDetails;
}
