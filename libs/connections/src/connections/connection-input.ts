import {
  type FieldError,
  hasErrorAt,
  InputField,
  IsEmailAddress,
  type Mailbox,
  parseEmailAddress,
  SatisfiesText,
} from '@score-crm/adapter-kit';
import { SendingLimits } from './sending-limits.ts';
import { SENDING_MODES, type SendingMode } from '../options/connections.module-options.ts';
import { ArrayMaxSize, IsIn, IsNotEmpty, IsOptional, MaxLength, ValidateIf } from 'class-validator';

const MAX_SENDER_DOMAINS = 100;

const WILDCARD = '*.';

/** Why a text is not a domain that a connection can be limited to; undefined if it is. */
export function senderDomainProblem(text: string): string | undefined {
  if (canonicalDomain(text) !== undefined) return undefined;
  return 'This is not a domain. Use example.com, or *.example.com for all its subdomains.';
}

/**
 * The domains that a connection may send from: `example.com` is only that domain, `*.example.com` every domain below it.
 * @returns them in lower case and as A-labels, each once; null (no restriction) for null and an empty list
 */
export function canonicalDomains(domains: readonly string[] | null): readonly string[] | null {
  if (domains === null || domains.length === 0) return null;
  return [...new Set(domains.map((domain) => canonicalDomain(domain) ?? domain))];
}

/** Whether a connection with these domains may send from an address. */
export function isSenderAllowed(email: string, domains: readonly string[] | null): boolean {
  if (domains === null) return true;
  const domain = parseEmailAddress(email)?.domain;
  if (domain === undefined) return false;
  return domains.some((allowed) =>
    allowed.startsWith(WILDCARD) ? domain.endsWith(allowed.slice(1)) : domain === allowed,
  );
}

export function senderNotAllowed(pointer: string): FieldError {
  const message = 'The connection may not send from the domain of this address. Use one of its allowed sender domains.';
  return { pointer, code: 'sender_domain_not_allowed', message };
}

function canonicalDomain(entry: string): string | undefined {
  const text = entry.trim();
  const wildcard = text.startsWith(WILDCARD) ? WILDCARD : '';
  const domain = parseEmailAddress(`postmaster@${text.slice(wildcard.length)}`)?.domain;
  return domain === undefined ? undefined : wildcard + domain;
}

interface SenderDetails {
  readonly fromEmail?: string | null | undefined;
  readonly fromName?: string | null | undefined;
}

/** The sender of a connection's messages that name none; undefined where it has no address. */
export function defaultSender({ fromEmail, fromName }: SenderDetails): Mailbox | undefined {
  if (fromEmail === null || fromEmail === undefined) return undefined;
  return fromName === null || fromName === undefined ? { email: fromEmail } : { email: fromEmail, name: fromName };
}

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
  'allowedSenderDomains',
  'checkSuppressions',
  'mode',
  'redirectTo',
  'limits',
] as const;

type Details = Pick<ConnectionDetails, (typeof DETAIL_NAMES)[number]>;

/** The details that an input names, null included. */
export function givenDetails(input: Details): Details {
  return Object.fromEntries(
    DETAIL_NAMES.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]] as const])),
  );
}

/** The error of a default sender outside of the allowed domains. Without one while either has an error of its own. */
export function senderErrors(details: Details, errors: readonly FieldError[]): FieldError[] {
  const { fromEmail = null, allowedSenderDomains = null } = details;
  if (fromEmail === null || hasErrorAt(errors, '/fromEmail') || hasErrorAt(errors, '/allowedSenderDomains')) return [];
  return isSenderAllowed(fromEmail, canonicalDomains(allowedSenderDomains)) ? [] : [senderNotAllowed('/fromEmail')];
}
