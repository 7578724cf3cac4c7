import { types } from 'node:util';
import { checkInput, InputField } from '@score-crm/adapter-kit';
import { ArrayMaxSize, ArrayMinSize, IsOptional, MaxLength } from 'class-validator';
import { isIdempotencyKey } from '../idempotency/idempotency-keys.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import { MessageInput } from './message-input.ts';

/** How many messages one request may have. */
const MAX_MESSAGES = 1_000;

/** A message of a batch, with what a single one has outside of it. */
export class BatchMessageInput extends MessageInput {
  @InputField({
    label: 'Idempotency key',
    help: 'Sends the message once, however often it is repeated with this key within 24 hours. 1 to 255 visible ASCII characters.',
    example: '0193a4de-6c2f-7c1e-9f0a-2b6f3f6d8a11',
  })
  @IsOptional()
  @MaxLength(255)
  idempotencyKey?: string;
}

/** The messages of a request. Each of them is validated by itself when it is sent. */
export class SendBatchInput {
  @InputField({
    label: 'Messages',
    help: `Up to ${String(MAX_MESSAGES)} messages. One that is not valid does not affect the others.`,
    items: () => BatchMessageInput,
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_MESSAGES)
  messages!: readonly BatchMessageInput[];
}

const VALID: BatchMessageInput = { to: [{ email: 'ada@example.com' }], subject: 'Hello', text: 'Hello' };

/** Returns the messages of a request unchecked. @throws InvalidInputError if it is not a list of 1 to 1,000 */
export function readBatch(input: SendBatchInput): readonly BatchMessageInput[] {
  const given = (input ?? {}) as Partial<SendBatchInput>;
  // Valid ones in their place: an invalid message has its own outcome.
  const checked = Array.isArray(given.messages) ? { ...given, messages: given.messages.map(() => VALID) } : input;
  const { errors } = checkInput(SendBatchInput, checked);
  if (errors.length > 0) throw new InvalidInputError(errors);
  return given.messages ?? [];
}

/** Divides a message of a batch, which is not validated, into the message and its key. @throws InvalidInputError */
export function readKey(input: BatchMessageInput): {
  readonly message: MessageInput;
  readonly idempotencyKey: string | undefined;
} {
  const { idempotencyKey, ...message } = Object(input) as BatchMessageInput;
  if (idempotencyKey === undefined) return { message: input, idempotencyKey };
  if (isIdempotencyKey(idempotencyKey)) return { message, idempotencyKey };
  const problem = 'Use 1 to 255 visible ASCII characters without spaces, such as a UUID.';
  throw new InvalidInputError([{ pointer: '/idempotencyKey', code: 'malformed', message: problem }]);
}

/** Roughly how many bytes a message has in memory. It is not validated: anything has a size. */
export function messageBytes(message: MessageInput): number {
  const { text, html, attachments } = (message ?? {}) as Partial<Record<keyof MessageInput, unknown>>;
  const files = Array.isArray(attachments) ? (attachments as readonly unknown[]) : [];
  const contents = files.map((file) => ((file ?? {}) as { readonly content?: unknown }).content);
  return [text, html, ...contents].reduce<number>((sum, content) => sum + lengthOf(content), 0);
}

function lengthOf(content: unknown): number {
  if (typeof content === 'string') return content.length;
  return types.isUint8Array(content) ? content.byteLength : 0;
}
