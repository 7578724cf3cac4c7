import type { AdapterErrorDetails } from '../errors/adapter-error.ts';

export interface Mailbox {
  readonly email: string;
  readonly name?: string;
}

export interface Attachment {
  readonly filename: string;
  readonly content: Uint8Array;
  /** A media type such as `application/pdf`. */
  readonly contentType: string;
  /** Makes it an inline image: `logo` is shown by `<img src="cid:logo">`. */
  readonly contentId?: string;
}

export interface EmailMessage {
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc?: readonly Mailbox[];
  readonly bcc?: readonly Mailbox[];
  readonly replyTo?: readonly Mailbox[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly Attachment[];
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** Asks the vendor to send it later. */
  readonly sendAt?: Date;
}

export interface SendResult {
  /** The id that the events of this message will carry. */
  readonly messageId: string;
  readonly accepted: readonly string[];
  readonly rejected: readonly RejectedRecipient[];
}

export interface RejectedRecipient {
  readonly recipient: string;
  readonly error: AdapterErrorDetails;
}
