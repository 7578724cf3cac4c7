import { registerDecorator } from 'class-validator';
import { parseVerificationKey } from './verification-key.ts';

/** Accepts a public key that `parseVerificationKey` can parse. */
export function IsVerificationKey(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isVerificationKey',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && parseVerificationKey(value) !== undefined,
        defaultMessage: () =>
          '$property is not a SendGrid verification key. Copy it completely from the event webhook’s settings; it starts with MFkwEwYHKoZIzj0',
      },
    });
  };
}
