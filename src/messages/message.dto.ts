import { EMAIL_ADDRESS_SCHEMA } from '@score-crm/adapter-kit';
import { MESSAGE_LIMITS } from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const TEXTS = { type: 'object', additionalProperties: { type: 'string' } } as const;

export class Mailbox {
  @ApiProperty({
    ...EMAIL_ADDRESS_SCHEMA,
    description:
      'One address without a name; at most 64 bytes before the @. Quoted local parts and IP addresses as domains are refused. An internationalized domain may be written in its own letters or in ASCII (`xn--`).',
  })
  readonly email!: string;

  @ApiPropertyOptional({ maxLength: MESSAGE_LIMITS.name })
  readonly name?: string;
}

export class Attachment {
  @ApiProperty({ maxLength: MESSAGE_LIMITS.label, example: 'invoice.pdf' })
  readonly filename!: string;

  @ApiProperty({
    maxLength: MESSAGE_LIMITS.label,
    example: 'application/pdf',
    description:
      'A media type, also with parameters. multipart/*, message/partial and message/external-body are refused.',
  })
  readonly contentType!: string;

  @ApiProperty({ format: 'byte', description: 'Base64 (RFC 4648, section 4), without line breaks.' })
  readonly content!: string;

  @ApiPropertyOptional({
    maxLength: MESSAGE_LIMITS.label,
    description:
      'Makes it an inline image: "logo" is shown by <img src="cid:logo">. ASCII without blanks; angle brackets around it are removed.',
  })
  readonly contentId?: string;
}

export class SendMessage {
  @ApiPropertyOptional({ type: Mailbox, description: 'The sender. Defaults to the sender of the connection.' })
  readonly from?: Mailbox;

  @ApiProperty({
    type: [Mailbox],
    minItems: 1,
    description: `At most ${String(MESSAGE_LIMITS.recipients)} together with \`cc\` and \`bcc\`.`,
  })
  readonly to!: readonly Mailbox[];

  @ApiPropertyOptional({ type: [Mailbox] })
  readonly cc?: readonly Mailbox[];

  @ApiPropertyOptional({ type: [Mailbox] })
  readonly bcc?: readonly Mailbox[];

  @ApiPropertyOptional({ type: [Mailbox], maxItems: MESSAGE_LIMITS.replyTo })
  readonly replyTo?: readonly Mailbox[];

  @ApiProperty({ maxLength: MESSAGE_LIMITS.subject })
  readonly subject!: string;

  @ApiPropertyOptional({ description: 'The plain text. At least one of `text` and `html` is required.' })
  readonly text?: string;

  @ApiPropertyOptional()
  readonly html?: string;

  @ApiPropertyOptional({
    ...TEXTS,
    description:
      'Headers that a sender writes about a message: X- headers, List-*, Message-ID, In-Reply-To, References, Auto-Submitted, Precedence, Importance, Priority, Feedback-ID, Keywords, Comments, Organization and others of IANA’s registry. Headers of servers, of the message’s own fields and those that control a vendor are refused, and so are names that start with X-Score-. Letters beyond ASCII are encoded (RFC 2047) where the header allows it.',
    example: { 'List-Unsubscribe': '<https://example.com/unsubscribe/42>' },
  })
  readonly headers?: Readonly<Record<string, string>>;

  @ApiPropertyOptional({ type: [Attachment], maxItems: MESSAGE_LIMITS.attachments })
  readonly attachments?: readonly Attachment[];

  @ApiPropertyOptional({ type: [String], maxItems: MESSAGE_LIMITS.tags })
  readonly tags?: readonly string[];

  @ApiPropertyOptional({
    ...TEXTS,
    description:
      'Returned with the events. No control characters, line breaks included. Names that start with score_ are reserved.',
  })
  readonly metadata?: Readonly<Record<string, string>>;

  @ApiPropertyOptional({ format: 'date-time', description: 'Asks the vendor to send it later.' })
  readonly sendAt?: string;
}
