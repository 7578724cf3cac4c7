import type { Webhook } from '../../api/types.ts';

interface Words {
  /** What was wrong with the request. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Why a request was rejected. It was not authenticated, so it may come from anyone. */
export const REFUSALS: Readonly<Record<NonNullable<Webhook['unauthenticatedReason']>, Words>> = {
  missing: {
    why: 'It had no signature or login.',
    remedy: 'Enable the signature or login of the webhook in the vendor’s settings, as described in the setup below.',
  },
  invalid: {
    why: 'Its signature or login does not match the key that is stored here.',
    remedy: 'Set the webhook up again, or copy the key from the vendor and save it in the settings.',
  },
  malformed: {
    why: 'Its signature or login could not be read.',
    remedy: 'Check that the settings have the complete key of this webhook, and that no proxy changes the requests.',
  },
  not_configured: {
    why: 'The connection had no key to verify it with.',
    remedy: 'Set up the webhook below, or enter the key in the settings.',
  },
};
