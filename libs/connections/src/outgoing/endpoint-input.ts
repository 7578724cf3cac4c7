import { checkInput, type FieldError, hasErrorAt, InputField, OutboundPolicy } from '@score-crm/adapter-kit';
import { ArrayMinSize, IsIn, IsNotEmpty, IsOptional, MaxLength, ValidateIf } from 'class-validator';
import type { Type } from '@nestjs/common';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import { FEED_KINDS, type FeedKind, readsOf } from '../feed/feed-kinds.ts';
import type { EndpointState } from './webhook-endpoints.repository.ts';

const MAX_URL_LENGTH = 2_000;
const MAX_DESCRIPTION_LENGTH = 200;
export const ENDPOINT_STATES = ['enabled', 'disabled'] as const satisfies readonly EndpointState[];

/** The fields of every endpoint. */
export abstract class WebhookEndpointDetails {
  @InputField({
    label: 'URL',
    help: 'Where to send events: an https URL, without a username or password.',
    example: 'https://hooks.example.com/email-events',
    type: 'string',
  })
  @IsNotEmpty()
  @MaxLength(MAX_URL_LENGTH)
  url?: string;

  @InputField({
    label: 'Description',
    help: 'Shown in the list of endpoints.',
    example: 'Data warehouse',
    type: 'string',
    nullable: true,
  })
  @IsOptional()
  @MaxLength(MAX_DESCRIPTION_LENGTH)
  description?: string | null;

  @InputField({
    label: 'Kinds',
    help: 'The kinds of events to send. Null sends all kinds of events of emails; `webhook_health_changed` is sent only if it is named.',
    example: ['bounced', 'complained'],
    items: 'string',
    nullable: true,
  })
  @IsOptional()
  @ArrayMinSize(1)
  @IsIn(FEED_KINDS, { each: true })
  kinds?: readonly FeedKind[] | null;
}

export class CreateWebhookEndpointInput extends WebhookEndpointDetails {
  override url!: string;
}

/** Omitted fields keep their value; null clears a field. */
export class UpdateWebhookEndpointInput extends WebhookEndpointDetails {
  // Null is not the same as absent: an endpoint cannot lose its URL.
  @ValidateIf((_input, value) => value !== undefined)
  override url?: string;

  @InputField({
    label: 'State',
    help: 'A disabled endpoint receives nothing. When it is enabled again, it receives the events since then.',
    example: 'enabled',
    type: 'string',
  })
  @IsOptional()
  @IsIn(ENDPOINT_STATES)
  state?: EndpointState;
}

/** Which messages to send again. */
export class ReplayMessagesInput {
  @InputField({
    label: 'From',
    help: 'Send the messages that were created at this time or later.',
    type: 'time',
    example: '2026-01-31T08:00:00Z',
  })
  from!: Date | string;

  @InputField({
    label: 'To',
    help: 'Send only the messages that were created before this time.',
    type: 'time',
    example: '2026-02-01T08:00:00Z',
  })
  @IsOptional()
  to?: Date | string;

  @InputField({
    label: 'Include delivered',
    help: 'Whether to repeat messages that were delivered, too. By default, only those that failed are sent again.',
    example: false,
  })
  @IsOptional()
  includeDelivered?: boolean;
}

/** @throws InvalidInputError */
export function readEndpoint<T extends WebhookEndpointDetails>(type: Type<T>, input: T, policy: OutboundPolicy): T {
  const { errors, valid } = checkInput(type, input);
  const { url } = valid;
  if (url !== undefined && !hasErrorAt(errors, '/url')) errors.push(...urlErrors(url, policy));
  if (errors.length > 0) throw new InvalidInputError(errors);
  return valid as T;
}

/** @throws InvalidInputError */
export function readReplay(input: ReplayMessagesInput): ReplayMessagesInput {
  const { errors, valid } = checkInput(ReplayMessagesInput, input);
  const { from, to } = valid;
  if (errors.length === 0 && from !== undefined && to !== undefined && new Date(from) > new Date(to)) {
    errors.push({ pointer: '/to', code: 'invalid', message: 'Give a time after `from`.' });
  }
  if (errors.length > 0) throw new InvalidInputError(errors);
  return valid as ReplayMessagesInput;
}

/** Kinds in their usual order, each once; null for all kinds of events of emails, and only those. */
export function canonicalKinds(kinds: readonly FeedKind[] | null): readonly FeedKind[] | null {
  if (kinds === null) return null;
  const { emails, health, isWhole } = readsOf(kinds);
  return emails && isWhole && !health ? null : FEED_KINDS.filter((kind) => kinds.includes(kind));
}

function urlErrors(text: string, policy: OutboundPolicy): FieldError[] {
  const problem = urlProblem(text, policy);
  return problem === undefined ? [] : [{ pointer: '/url', ...problem }];
}

function urlProblem(text: string, policy: OutboundPolicy): Omit<FieldError, 'pointer'> | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return { code: 'invalid', message: 'Enter a complete URL, such as https://hooks.example.com/email-events.' };
  }
  if (url.username !== '' || url.password !== '') {
    const message = 'The URL must not contain a username or password. Verify the signature of each message instead.';
    return { code: 'invalid', message };
  }
  if (url.hash !== '')
    return { code: 'invalid', message: 'The URL must not have a fragment. Remove the part after #.' };
  const isHttps = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (isHttps ? 443 : 80) : Number(url.port);
  const code = policy.refusalUnresolved({ protocol: isHttps ? 'https' : 'http', host, port });
  if (code === undefined) return undefined;
  const setting = policy.settingNames[code];
  const operator = `or ask your operator to allow this one${setting === undefined ? '' : ` (${setting})`}`;
  if (code === 'address_forbidden') {
    return { code, message: `Private and reserved addresses are not allowed. Use a public host, ${operator}.` };
  }
  if (!isHttps) return { code: 'https_required', message: 'Use an https URL, so that events are encrypted.' };
  return { code, message: `This port is not allowed. Use port 443, ${operator}.` };
}
