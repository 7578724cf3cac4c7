import { registerDecorator } from 'class-validator';
import { apiOrigin } from './api-origin.ts';

/** Accepts a base URL as `apiOrigin` reads it. */
export function IsApiUrl(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isApiUrl',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && apiOrigin(value) !== undefined,
        defaultMessage: () =>
          '$property must be the https address of the account’s API host, such as https://acme.api.e.sparkpost.com, with nothing behind it but /api/v1',
      },
    });
  };
}
