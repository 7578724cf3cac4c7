import { InputField, IsEmailAddress, SatisfiesText } from '@score-crm/adapter-kit';
import type { ConnectionRow } from './connection-row.ts';
import { MAX_SENDERS, senderDomainProblem, SenderInput, storedSenders } from './senders.ts';
import { SendingLimits } from './sending-limits.ts';
import { SENDING_MODES, type SendingMode } from '../options/connections.module-options.ts';
import { ArrayMaxSize, IsIn, IsNotEmpty, IsOptional, MaxLength, ValidateIf } from 'class-validator';

const MAX_SENDER_DOMAINS = 100;
const MAX_NAME_LENGTH = 200;
const TEST_ID = {
  label: 'Test id',
  help: 'The `testId` of a test of these values, to record it with the connection.',
};

/** The fields of every connection, regardless of its vendor. */
export abstract class ConnectionDetails {
  @InputField({
    label: 'Name',
    help: 'Shown when someone picks a connection for a campaign.',
    example: 'SendGrid Production',
  })
  @IsNotEmpty()
  @MaxLength(MAX_NAME_LENGTH)
  name?: string;

  @InputField({
    label: 'From email',
    help: 'Default sender for campaigns. Verify this address with the vendor first.',
    type: 'string',
    nullable: true,
  })
  @IsOptional()
  @IsEmailAddress()
  fromEmail?: string | null;

  @InputField({ label: 'From name', help: 'Display name of the default sender.', type: 'string', nullable: true })
  @IsOptional()
  @MaxLength(MAX_NAME_LENGTH)
  fromName?: string | null;

  @InputField({
    label: 'Senders',
    help: 'The addresses that the connection sends from, the default one first. They replace From email and From name, which are those of the first one.',
    items: () => SenderInput,
    nullable: true,
  })
  @IsOptional()
  @ArrayMaxSize(MAX_SENDERS)
  senders?: readonly SenderInput[] | null;

  @InputField({
    label: 'Allowed sender domains',
    help: 'Domains that messages may be from: example.com, or *.example.com for all its subdomains. Empty or null allows any domain.',
    example: ['example.com', '*.example.com'],
    items: 'string',
    nullable: true,
  })
  @IsOptional()
  @ArrayMaxSize(MAX_SENDER_DOMAINS)
  @MaxLength(255, { each: true })
  @SatisfiesText({ name: 'isSenderDomain', code: 'invalid_domain', problem: senderDomainProblem, each: true })
  allowedSenderDomains?: readonly string[] | null;

  @InputField({
    label: 'Check suppressions',
    help: 'Whether the service rejects suppressed recipients of messages. True for a new connection by default.',
  })
  @IsOptional()
  checkSuppressions?: boolean;

  @InputField({
    label: 'Mode',
    help: '`live`: emails go to their recipients. `redirect`: each email goes to `redirectTo` instead; its subject and the header `X-Score-Original-To` have the original recipients. `drop`: emails are accepted and not sent; their events are marked as test. A stricter mode of the service applies instead.',
    type: 'string',
  })
  @IsOptional()
  @IsIn(SENDING_MODES)
  mode?: SendingMode;

  @InputField({
    label: 'Redirect to',
    help: 'The address that receives all emails in the mode `redirect`.',
    type: 'string',
    nullable: true,
  })
  @IsOptional()
  @IsEmailAddress()
  redirectTo?: string | null;

  @InputField({
    label: 'Limits',
    help: 'How much the connection may send. They replace the earlier limits as a whole; null removes them.',
    type: () => SendingLimits,
    nullable: true,
  })
  @IsOptional()
  limits?: SendingLimits | null;
}

export class CreateConnectionInput extends ConnectionDetails {
  override name!: string;

  @InputField({ label: 'Vendor', help: 'Vendor type, as listed by `GET /api/v1/vendors`.', example: 'sendgrid' })
  vendor!: string;

  @InputField({ label: 'Settings', help: 'The vendor’s own fields, secrets included.', type: 'object' })
  settings!: Readonly<Record<string, unknown>>;

  @InputField(TEST_ID)
  @IsOptional()
  testId?: string;
}

/** Omitted fields keep their value; null clears a field. */
export class UpdateConnectionInput extends ConnectionDetails {
  // Null is not the same as absent here: a connection cannot lose its name.
  @ValidateIf((_input, value) => value !== undefined)
  override name?: string;

  @InputField({
    label: 'Settings',
    help: 'The vendor’s fields that change. Omitted fields keep their value; null clears a field.',
    type: 'object',
  })
  @IsOptional()
  settings?: Readonly<Record<string, unknown>>;

  @InputField(TEST_ID)
  @IsOptional()
  testId?: string;
}

export const DETAIL_NAMES = [
  'name',
  'fromEmail',
  'fromName',
  'replyTo',
  'otherSenders',
  'allowedSenderDomains',
  'checkSuppressions',
  'mode',
  'redirectTo',
  'limits',
] as const;

/** Details as they are stored. */
export type StoredDetails = Partial<Pick<ConnectionRow, (typeof DETAIL_NAMES)[number]>>;

/** The details that an input names, null included, as they are stored. */
export function givenDetails(input: Partial<ConnectionDetails>): StoredDetails {
  const { senders, ...others } = input;
  const given = others as StoredDetails;
  const own = Object.fromEntries(
    DETAIL_NAMES.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const])),
  );
  // A list of senders has gaps for those with errors.
  return senders === undefined
    ? own
    : { ...own, ...storedSenders((senders ?? []).filter((sender) => Boolean(sender))) };
}
