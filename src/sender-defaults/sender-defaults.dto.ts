import type { Page } from '@score-crm/connections';
import { ApiProperty } from '@nestjs/swagger';
import { NEXT_CURSOR, SENDER_DOMAINS } from '../openapi/shared-properties.ts';
import { VendorCapabilities } from '../vendors/vendor.dto.ts';

export class SenderDefaults {
  @ApiProperty({ format: 'uuid', description: 'The id of the connection.' })
  readonly id!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ example: 'sendgrid' })
  readonly vendor!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly fromEmail!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly fromName!: string | null;

  @ApiProperty(SENDER_DOMAINS)
  readonly allowedSenderDomains!: readonly string[];

  @ApiProperty({ enum: ['ok', 'failing', 'untested'], description: 'The result of the last test.' })
  readonly state!: 'ok' | 'failing' | 'untested';

  @ApiProperty({ type: VendorCapabilities })
  readonly capabilities!: VendorCapabilities;
}

export class SenderDefaultsPage implements Page<SenderDefaults> {
  @ApiProperty({ type: [SenderDefaults] })
  readonly data!: readonly SenderDefaults[];

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor!: string | null;
}
