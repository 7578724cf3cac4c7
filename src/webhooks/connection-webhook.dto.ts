import { WEBHOOK_STATES } from '@score-crm/connections';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export const STATE = {
  enum: WEBHOOK_STATES,
  description:
    'unsupported: the vendor has no webhooks. unconfigured: the connection has no secret to check them with. waiting: no authenticated request yet. receiving: the last one was accepted. failing: the last one could not be read. Requests that are not authenticated do not change the state; see lastUnauthenticatedAt.',
};
const TIME = { type: String, format: 'date-time', nullable: true } as const;

export class SetupInstructionView {
  @ApiProperty()
  readonly title!: string;

  @ApiProperty()
  readonly text!: string;

  @ApiPropertyOptional({ description: 'A value to copy.' })
  readonly value?: string;
}

export class WebhookRegistrationView {
  @ApiProperty({ description: 'Whether the webhook can be set up from here.' })
  readonly supported!: boolean;

  @ApiProperty({ description: 'Whether it was set up from here.' })
  readonly registered!: boolean;

  @ApiProperty(TIME)
  readonly registeredAt!: Date | null;
}

export class WebhookView {
  @ApiProperty({ description: 'Whether the vendor has webhooks.' })
  readonly supported!: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'Null where PUBLIC_URL is not set.' })
  readonly url!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What the vendor is given: the URL, perhaps with a secret, which only the right "manage" is shown.',
  })
  readonly address!: string | null;

  @ApiProperty(STATE)
  readonly state!: string;

  @ApiProperty(TIME)
  readonly lastReceivedAt!: Date | null;

  @ApiProperty(TIME)
  readonly lastEventAt!: Date | null;

  @ApiProperty({ ...TIME, description: 'When an authenticated request was rejected because it could not be read.' })
  readonly lastRejectedAt!: Date | null;

  @ApiProperty({ ...TIME, description: 'When a request was refused because it was not authenticated.' })
  readonly lastUnauthenticatedAt!: Date | null;

  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['missing', 'invalid', 'malformed', 'not_configured', null],
  })
  readonly unauthenticatedReason!: string | null;

  @ApiProperty({ type: [SetupInstructionView], description: 'What to do at the vendor’s site.' })
  readonly setupInstructions!: readonly SetupInstructionView[];

  @ApiProperty({ type: WebhookRegistrationView })
  readonly registration!: WebhookRegistrationView;
}

export class RegistrationStatusView {
  @ApiProperty({ enum: ['registered', 'not_registered', 'drifted'] })
  readonly state!: string;

  @ApiProperty({ type: [String], description: 'What differs at the vendor from what would be set up now.' })
  readonly drift!: readonly string[];

  @ApiProperty({ ...TIME, description: 'When the vendor last delivered, where it tells.' })
  readonly lastDeliveredAt!: string | null;

  @ApiProperty({ ...TIME, description: 'When the vendor last failed to deliver, where it tells.' })
  readonly lastFailedAt!: string | null;
}
