import { checkInput, InputField, rfc3339Time } from '@score-crm/adapter-kit';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import { type FeedPosition, parsePosition } from './feed-position.ts';

/** Where to move a consumer. */
export class SeekConsumerInput {
  @InputField({
    label: 'To',
    help: '`beginning`, `end`, a position such as `1042-17`, or a time in RFC 3339 format: then to the events that were stored since.',
    example: '2026-01-31T08:00:00Z',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  to!: string;
}

/** A position, a time, or an end of the feed. */
export type Destination = FeedPosition | Date | 'beginning' | 'end';

/** @throws InvalidInputError */
export function seekDestination(input: unknown): Destination {
  const { errors, valid } = checkInput(SeekConsumerInput, input);
  const { to = '' } = valid ?? {};
  if (errors.length > 0) throw new InvalidInputError(errors);
  if (to === 'beginning' || to === 'end') return to;
  const time = rfc3339Time(to);
  if (time !== undefined) return time;
  try {
    return parsePosition(to);
  } catch {
    const message = 'Use `beginning`, `end`, a position or a time in RFC 3339 format.';
    throw new InvalidInputError([{ pointer: '/to', code: 'invalid', message }]);
  }
}
