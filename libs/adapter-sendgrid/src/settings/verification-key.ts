import { createPublicKey, type KeyObject } from 'node:crypto';
import { strictBase64 } from './strict-base64.ts';

const ARMOUR = /-----(?:BEGIN|END) PUBLIC KEY-----/g;

/**
 * Parses what the console calls the verification key: the base64 of a DER SubjectPublicKeyInfo on the curve P-256, also
 * with PEM armor around it (which a form's input field puts on one line).
 * @returns undefined for anything else
 */
export function parseVerificationKey(text: string): KeyObject | undefined {
  const der = strictBase64(text.replace(ARMOUR, '').replace(/\s/g, ''));
  if (der === undefined) return undefined;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}
