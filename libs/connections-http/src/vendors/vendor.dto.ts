import {
  type AdapterCapabilities,
  type AdapterIdentity,
  type DescribedField,
  EVENT_KINDS,
  type EventKind,
  type FieldSchema,
  type SettingsFieldType,
  type SettingsOption,
  type SettingsPreset,
  type ShowIf,
} from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One value of a vendor's settings. */
export const SETTINGS_VALUE = { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] };

type SettingsValue = string | number | boolean;

export class VendorFieldOption implements SettingsOption {
  @ApiProperty()
  readonly value!: string;

  @ApiProperty()
  readonly label!: string;
}

export class VendorFieldCondition implements ShowIf {
  @ApiProperty({ description: 'The name of another field.' })
  readonly field!: string;

  @ApiProperty({ type: 'array', items: SETTINGS_VALUE, description: 'The values of that field.' })
  readonly in!: readonly SettingsValue[];
}

export class VendorField implements DescribedField {
  @ApiProperty()
  readonly name!: string;

  @ApiProperty()
  readonly label!: string;

  @ApiProperty({ enum: ['string', 'integer', 'boolean'] })
  readonly type!: SettingsFieldType;

  @ApiProperty({ description: 'Whether the field is required while it is shown.' })
  readonly required!: boolean;

  @ApiProperty({ description: 'Whether the value is stored encrypted and never returned.' })
  readonly secret!: boolean;

  @ApiProperty({ description: 'Whether the service generates the secret if you omit it.' })
  readonly generated!: boolean;

  @ApiProperty({ description: 'Whether changing the field requires entering the secrets again.' })
  readonly bindsSecret!: boolean;

  @ApiProperty({ description: 'Whether the secret only authenticates webhooks. It is never sent to any server.' })
  readonly inboundOnly!: boolean;

  @ApiProperty({ description: 'Whether a form hides the field until the user asks for advanced settings.' })
  readonly advanced!: boolean;

  @ApiProperty({ description: 'Whether the value may have several lines.' })
  readonly multiline!: boolean;

  @ApiPropertyOptional()
  readonly help?: string;

  @ApiPropertyOptional()
  readonly placeholder?: string;

  @ApiPropertyOptional({ description: 'The heading that a form shows the field under.' })
  readonly group?: string;

  @ApiPropertyOptional({
    type: VendorFieldCondition,
    description: 'The field exists only while another field has one of these values.',
  })
  readonly showIf?: VendorFieldCondition;

  @ApiPropertyOptional({ type: [VendorFieldOption], description: 'The values to choose from.' })
  readonly options?: readonly VendorFieldOption[];

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'The JSON Schema of the value.' })
  readonly schema!: FieldSchema;
}

export class VendorPreset implements SettingsPreset {
  @ApiProperty({ example: 'gmail' })
  readonly key!: string;

  @ApiProperty({ example: 'Gmail' })
  readonly label!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: SETTINGS_VALUE,
    description: 'The settings that the preset fills in. They contain no secrets.',
  })
  readonly settings!: Readonly<Record<string, SettingsValue>>;

  @ApiPropertyOptional({ description: 'What users need to know, such as where to find the password.' })
  readonly note?: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'Optional fields that this preset requires, and that only the user can fill in.',
    example: ['heloName'],
  })
  readonly needs?: readonly string[];
}

export class VendorCapabilities implements AdapterCapabilities {
  @ApiProperty({
    enum: ['none', 'signature', 'signed-token', 'shared-secret'],
    description: 'How the vendor authenticates webhook requests. `none`: the vendor has no webhooks.',
  })
  readonly webhooks!: AdapterCapabilities['webhooks'];

  @ApiProperty({ enum: EVENT_KINDS, isArray: true, description: 'The kinds of events that the vendor reports.' })
  readonly events!: readonly EventKind[];

  @ApiPropertyOptional({ type: 'integer', description: 'The maximum number of recipients of one message.' })
  readonly maxRecipients?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'The maximum size of one message in bytes.' })
  readonly maxMessageBytes?: number;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'How many messages the service passes to the vendor in one call. Omitted if each one takes a call.',
  })
  readonly maxBatch?: number;

  @ApiProperty()
  readonly attachments!: boolean;

  @ApiProperty()
  readonly inlineImages!: boolean;

  @ApiProperty()
  readonly customHeaders!: boolean;

  @ApiProperty()
  readonly tags!: boolean;

  @ApiProperty()
  readonly metadata!: boolean;

  @ApiProperty({ description: 'Whether the vendor can send a message at a later time.' })
  readonly scheduling!: boolean;
}

export class Vendor implements AdapterIdentity {
  @ApiProperty({ description: 'The vendor key.', example: 'smtp' })
  readonly vendor!: string;

  @ApiProperty({ example: 'Generic SMTP' })
  readonly displayName!: string;

  @ApiPropertyOptional({ description: 'The vendor’s documentation.' })
  readonly docsUrl?: string;

  @ApiPropertyOptional({ description: 'The vendor’s page for verifying sender addresses and domains.' })
  readonly senderUrl?: string;

  @ApiProperty({ type: VendorCapabilities })
  readonly capabilities!: VendorCapabilities;

  @ApiProperty({ type: [VendorField] })
  readonly fields!: readonly VendorField[];

  @ApiProperty({ type: [VendorPreset] })
  readonly presets!: readonly VendorPreset[];
}

export class VendorList {
  @ApiProperty({ type: [Vendor] })
  readonly data!: readonly Vendor[];
}
