import { MESSAGE_BODY_LIMIT } from './message-route.ts';

/** The body is longer than any message may be. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError';

  constructor() {
    super(`The body is too large. A message takes at most ${String(MESSAGE_BODY_LIMIT)} bytes, attachments included.`);
  }
}
