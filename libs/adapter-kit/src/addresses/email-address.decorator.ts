import { registerDecorator, type ValidationArguments } from 'class-validator';
import { emailAddressProblem, isEmailAddress } from './email-address.ts';

/** Accepts one email address without a display name, by the same rule as the addresses of messages. */
export function IsEmailAddress(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isEmailAddress',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isEmailAddress,
        defaultMessage: (given?: ValidationArguments) => emailAddressProblem(String(given?.value ?? '')) ?? '',
      },
    });
  };
}
