import { InputField, IsEmailAddress } from '@score-crm/adapter-kit';
import { ArrayMaxSize, IsOptional } from 'class-validator';
import { ConnectionDetails } from '../connections/connection-input.ts';

const MAX_RECIPIENTS = 10;
const RECIPIENTS = {
  label: 'Recipients',
  help: 'Addresses that a test message is sent to. Leave empty to check the connection without sending.',
  example: ['ada@example.com'],
  items: 'string',
} as const;

/** The test of a saved connection. */
export class TestConnectionInput {
  @InputField(RECIPIENTS)
  @IsOptional()
  @ArrayMaxSize(MAX_RECIPIENTS)
  @IsEmailAddress({ each: true })
  to?: readonly string[];
}

/** The test of a connection that is not saved, or of unsaved changes to one that is. */
export class TestUnsavedConnectionInput extends ConnectionDetails {
  @IsOptional()
  override name?: string;

  @InputField({ label: 'Vendor', help: 'Vendor type. Required unless `connectionId` is given.', example: 'sendgrid' })
  @IsOptional()
  vendor?: string;

  @InputField({
    label: 'Connection id',
    help: 'The saved connection that the other fields change. Its stored secrets are used, unless a field changes that decides where they are sent.',
  })
  @IsOptional()
  connectionId?: string;

  @InputField({
    label: 'Settings',
    help: 'The vendor’s own fields. With `connectionId`, only those that change; null clears a field.',
    type: 'object',
  })
  @IsOptional()
  settings?: Readonly<Record<string, unknown>>;

  @InputField(RECIPIENTS)
  @IsOptional()
  @ArrayMaxSize(MAX_RECIPIENTS)
  @IsEmailAddress({ each: true })
  to?: readonly string[];
}
