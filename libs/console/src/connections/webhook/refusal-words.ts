import type { Webhook } from '../../api/types.ts';

interface Words {
  /** What was wrong with the request. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Why a request was refused. It was not authenticated, so it may come from anyone. */
export const REFUSALS: Readonly<Record<NonNullable<Webhook['unauthenticatedReason']>, Words>> = {
  missing: {
    why: 'It had no signature or login.',
    remedy: 'Switch the signature or the login of the webhook on at the vendor, as the set-up below says.',
  },
  invalid: {
    why: 'Its signature or login does not match the key that is stored here.',
    remedy: 'Set the webhook up again, or copy the key from the vendor again and save it in the settings.',
  },
  malformed: {
    why: 'Its signature or login could not be read.',
    remedy:
      'Check that the key in the settings is the webhook’s, whole and unchanged, and that no proxy between the vendor and this service changes the request.',
  },
  not_configured: {
    why: 'The connection had no key to check it with.',
    remedy: 'Set the webhook up below, which stores one, or enter it in the settings.',
  },
};
