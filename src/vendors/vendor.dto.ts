import { EVENT_KINDS, type EventKind } from '@score-crm/adapter-kit';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class VendorFieldOption {
  @ApiProperty()
  readonly value!: string;

  @ApiProperty()
  readonly label!: string;
}

export class VendorFieldCondition {
  @ApiProperty({ description: 'The name of another field.' })
  readonly field!: string;

  @ApiProperty({ type: 'array', items: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] } })
  readonly in!: readonly (string | number | boolean)[];
}

export class VendorField {
  @ApiProperty()
  readonly name!: string;

  @ApiProperty()
  readonly label!: string;

  @ApiProperty({ enum: ['string', 'integer', 'boolean'] })
  readonly type!: 'string' | 'integer' | 'boolean';

  @ApiProperty({ description: 'Whether it must be given while it is shown.' })
  readonly required!: boolean;

  @ApiProperty({ description: 'Written, never returned.' })
  readonly secret!: boolean;

  @ApiProperty({ description: 'A secret that is made where it is left out.' })
  readonly generated!: boolean;

  @ApiProperty({ description: 'When it changes, the secrets must be given anew.' })
  readonly bindsSecret!: boolean;

  @ApiProperty({ description: 'A secret that only proves what comes in, and is never sent anywhere.' })
  readonly inboundOnly!: boolean;

  @ApiProperty({ description: 'Kept out of sight until somebody asks for it.' })
  readonly advanced!: boolean;

  @ApiProperty({ description: 'Text of several lines.' })
  readonly multiline!: boolean;

  @ApiPropertyOptional()
  readonly help?: string;

  @ApiPropertyOptional()
  readonly placeholder?: string;

  @ApiPropertyOptional({ description: 'The heading that the field stands under.' })
  readonly group?: string;

  @ApiPropertyOptional({ description: 'The field exists only while this holds.' })
  readonly showIf?: VendorFieldCondition;

  @ApiPropertyOptional({ type: [VendorFieldOption] })
  readonly options?: readonly VendorFieldOption[];

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'JSON Schema of its values.' })
  readonly schema!: object;
}

export class VendorPreset {
  @ApiProperty()
  readonly key!: string;

  @ApiProperty()
  readonly label!: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  readonly settings!: object;

  @ApiPropertyOptional()
  readonly note?: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'Optional fields that this preset requires, and that only the user can fill in.',
    example: ['heloName'],
  })
  readonly needs?: readonly string[];
}

export class VendorCapabilities {
  @ApiProperty({
    enum: ['none', 'signature', 'signed-token', 'shared-secret'],
    description: 'How its webhooks prove their origin.',
  })
  readonly webhooks!: 'none' | 'signature' | 'signed-token' | 'shared-secret';

  @ApiProperty({ enum: EVENT_KINDS, isArray: true, description: 'What its webhooks report.' })
  readonly events!: readonly EventKind[];

  @ApiPropertyOptional({ description: 'The most recipients of one message.' })
  readonly maxRecipients?: number;

  @ApiPropertyOptional()
  readonly maxMessageBytes?: number;

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

  @ApiProperty()
  readonly scheduling!: boolean;
}

export class Vendor {
  @ApiProperty({ example: 'smtp' })
  readonly vendor!: string;

  @ApiProperty()
  readonly displayName!: string;

  @ApiPropertyOptional()
  readonly docsUrl?: string;

  @ApiProperty()
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
