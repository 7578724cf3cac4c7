import { ApiProperty } from '@nestjs/swagger';
import { VendorCapabilities } from '../vendors/vendor.dto.ts';

export class SenderDefaults {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ example: 'sendgrid' })
  readonly vendor!: string;

  @ApiProperty({ type: String, nullable: true })
  readonly fromEmail!: string | null;

  @ApiProperty({ type: String, nullable: true })
  readonly fromName!: string | null;

  @ApiProperty({
    type: [String],
    description: 'The domains that messages may be from: example.com, or *.example.com. Empty: any domain.',
  })
  readonly allowedSenderDomains!: readonly string[];

  @ApiProperty({ enum: ['ok', 'failing', 'untested'], description: 'What the last test of the connection said.' })
  readonly state!: 'ok' | 'failing' | 'untested';

  @ApiProperty({ type: VendorCapabilities })
  readonly capabilities!: VendorCapabilities;
}

export class SenderDefaultsPage {
  @ApiProperty({ type: [SenderDefaults] })
  readonly data!: readonly SenderDefaults[];

  @ApiProperty({ type: String, nullable: true, description: 'Leads to the next page; null on the last one.' })
  readonly nextCursor!: string | null;
}
