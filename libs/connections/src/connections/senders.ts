import {
  canonicalAddress,
  type FieldError,
  hasErrorAt,
  InputField,
  IsEmailAddress,
  type Mailbox,
  parseEmailAddress,
} from '@score-crm/adapter-kit';
import { IsOptional, MaxLength } from 'class-validator';

/** How many senders a connection may have. */
export const MAX_SENDERS = 50;
export const MAX_SENDER_NAME_LENGTH = 200;

/** An address that a connection sends from. */
export interface Sender extends Mailbox {
  /** Where replies to its messages go, unless a message names another address. */
  readonly replyTo?: string;
}

export class SenderInput implements Sender {
  @InputField({ label: 'Email', help: 'Verify this address with the vendor first.', example: 'news@example.com' })
  @IsEmailAddress()
  email!: string;

  @InputField({ label: 'Name', help: 'Display name.', example: 'Example News' })
  @IsOptional()
  @MaxLength(MAX_SENDER_NAME_LENGTH)
  name?: string;

  @InputField({
    label: 'Reply-to',
    help: 'Where replies to messages from this address go, unless a message names another address.',
    example: 'help@example.com',
  })
  @IsOptional()
  @IsEmailAddress()
  replyTo?: string;
}

/** The senders of a connection as they are stored: the default one in columns of its own. */
export interface StoredSenders {
  readonly fromEmail: string | null;
  readonly fromName: string | null;
  readonly replyTo: string | null;
  /** Null without others. */
  readonly otherSenders: readonly Sender[] | null;
}

/** All senders, the default one first. */
export function sendersOf({ fromEmail, fromName, replyTo, otherSenders }: StoredSenders): readonly Sender[] {
  if (fromEmail === null) return [];
  const first = plainSender({ email: fromEmail, name: fromName ?? undefined, replyTo: replyTo ?? undefined });
  return [first, ...(otherSenders ?? []).map(plainSender)];
}

export function storedSenders([first, ...others]: readonly Sender[]): StoredSenders {
  return {
    fromEmail: first?.email ?? null,
    fromName: first?.name ?? null,
    replyTo: first?.replyTo ?? null,
    otherSenders: others.length === 0 ? null : others.map(plainSender),
  };
}

/** Members in one order, so that equal senders have equal JSON. */
function plainSender({
  email,
  name,
  replyTo,
}: {
  readonly email: string;
  readonly name?: string | undefined;
  readonly replyTo?: string | undefined;
}): Sender {
  return { email, ...(name === undefined ? {} : { name }), ...(replyTo === undefined ? {} : { replyTo }) };
}

/** The sender with this address. */
export function senderAt(senders: readonly Sender[], email: string): Sender | undefined {
  const address = canonicalAddress(email);
  return senders.find((sender) => canonicalAddress(sender.email) === address);
}

/** The sender of a connection's messages that name none; undefined where it has no address. */
export function defaultSender({ fromEmail, fromName }: Partial<StoredSenders>): Mailbox | undefined {
  if (fromEmail === null || fromEmail === undefined) return undefined;
  return fromName === null || fromName === undefined ? { email: fromEmail } : { email: fromEmail, name: fromName };
}

/** The fields of an input that change the senders. */
interface GivenSenders {
  readonly senders?: unknown;
  readonly fromEmail?: unknown;
  readonly fromName?: unknown;
}

/**
 * The errors of senders together: outside of the allowed domains, repeated, or without a default. None while a field that they
 * depend on has an error of its own.
 * @param given decides which fields the errors are about
 * @param details what would be stored
 */
export function senderErrors(
  given: GivenSenders,
  details: Partial<StoredSenders> & { readonly allowedSenderDomains?: readonly string[] | null | undefined },
  errors: readonly FieldError[],
): FieldError[] {
  if (['/senders', '/fromEmail', '/allowedSenderDomains'].some((member) => hasErrorAt(errors, member))) return [];
  const isList = given.senders !== undefined;
  if (isList && (given.fromEmail !== undefined || given.fromName !== undefined)) {
    const message = 'The first sender is the default one. Send senders, or From email and From name, but not both.';
    return [{ pointer: '/senders', code: 'not_applicable', message }];
  }
  const { fromEmail = null, fromName = null, replyTo = null, otherSenders = null } = details;
  if (fromEmail === null && otherSenders !== null) {
    const message = 'The connection has other senders, so it needs a default one. Send senders to change all of them.';
    return [{ pointer: '/fromEmail', code: 'required', message }];
  }
  const senders = sendersOf({ fromEmail, fromName, replyTo, otherSenders });
  const domains = canonicalDomains(details.allowedSenderDomains ?? null);
  return senders.flatMap(({ email }, index) => {
    if (senderAt(senders.slice(0, index), email) !== undefined) {
      const message = 'This address is already a sender of the connection. Each address can be used once.';
      return [{ pointer: isList ? `/senders/${String(index)}/email` : '/fromEmail', code: 'repeated', message }];
    }
    if (isSenderAllowed(email, domains)) return [];
    if (isList) return [senderNotAllowed(`/senders/${String(index)}/email`)];
    return [senderNotAllowed(index === 0 ? '/fromEmail' : '/allowedSenderDomains')];
  });
}

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
