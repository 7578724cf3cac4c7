import type { Webhook } from '../../api/types.ts';

interface Words {
  /** What was wrong with the post. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Why a post of the vendor was not taken. */
export const REFUSALS: Readonly<Record<NonNullable<Webhook['lastRefusal']>, Words>> = {
  missing: {
    why: 'It brought no proof of where it comes from.',
    remedy: 'Switch the signature or the login of the webhook on at the vendor, as the set-up below says.',
  },
  invalid: {
    why: 'Its proof does not fit the key that is stored here.',
    remedy: 'Set the webhook up again, or copy the key from the vendor anew and save it in the settings.',
  },
  malformed: {
    why: 'Its proof cannot be read.',
    remedy:
      'Check that the key in the settings is the webhook’s, whole and unchanged, and that no proxy between the vendor and this service changes the request.',
  },
  not_configured: {
    why: 'The connection had no key to check it with.',
    remedy: 'Set the webhook up below, which stores one, or enter it in the settings.',
  },
  quarantined: {
    why: 'Its proof is right, but none of its events could be read.',
    remedy:
      'Check that this vendor, and no other program, posts to this address. What came is kept; if it is the vendor’s, tell the operator of this service.',
  },
};
