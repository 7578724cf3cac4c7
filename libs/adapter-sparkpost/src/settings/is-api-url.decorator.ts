import { registerDecorator } from 'class-validator';
import { apiOrigin } from './api-origin.ts';

/** Accepts a base URL that `apiOrigin` can parse. */
export function IsApiUrl(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isApiUrl',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && apiOrigin(value) !== undefined,
        defaultMessage: () =>
          '$property must be the HTTPS address of the account’s API host, such as https://acme.api.e.sparkpost.com, optionally followed by /api/v1',
      },
    });
  };
}
