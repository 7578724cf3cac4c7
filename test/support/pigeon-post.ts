import {
  Adapter,
  type AdapterCapabilities,
  type Diagnosis,
  type EmailAdapter,
  type EmailMessage,
  SettingsField,
  type SendResult,
} from '@score-crm/adapter-kit';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

class PigeonPostSettings {
  @SettingsField({ label: 'Loft', group: 'Loft', help: 'Where the pigeons live.', placeholder: 'north-7' })
  @IsString()
  @Matches(/^[a-z]+-\d+$/, { message: 'A loft is a word and a number: north-7.' })
  loft!: string;

  @SettingsField({ label: 'Pigeons', group: 'Loft' })
  @IsInt()
  @Min(1)
  @Max(40)
  pigeons: number = 12;

  @SettingsField({
    label: 'Route',
    group: 'Loft',
    options: [
      { value: 'coast', label: 'Along the coast' },
      { value: 'hills', label: 'Over the hills' },
    ],
  })
  @IsIn(['coast', 'hills'])
  route: 'coast' | 'hills' = 'coast';

  @SettingsField({ label: 'Guide', group: 'Loft', showIf: { field: 'route', in: ['hills'] } })
  @IsString()
  @IsNotEmpty()
  guide!: string;

  @SettingsField({ label: 'Whistle', group: 'Calling', secret: true })
  @IsString()
  @IsNotEmpty()
  whistle!: string;

  @SettingsField({ label: 'Grain', group: 'Calling', advanced: true })
  @IsOptional()
  @IsString()
  grain?: string;
}

/** An invented vendor. Tests add it to the registry to check that the console supports new vendors without changes. */
@Adapter({ vendor: 'pigeonpost', displayName: 'Pigeon Post' })
export class PigeonPostAdapter implements EmailAdapter<PigeonPostSettings> {
  readonly settings = PigeonPostSettings;
  readonly capabilities: AdapterCapabilities = {
    webhooks: 'none',
    events: [],
    attachments: false,
    inlineImages: false,
    customHeaders: false,
    tags: false,
    metadata: false,
    scheduling: false,
  };

  async diagnose(): Promise<Diagnosis> {
    const checks = {
      connectivity: 'passed',
      authentication: 'passed',
      sendPermission: 'skipped',
      fromAddress: 'skipped',
    } as const;
    return { ok: true, durationMs: 1, stages: [{ stage: 'connect', status: 'passed' }], checks, warnings: [] };
  }

  async send({ to }: EmailMessage): Promise<SendResult> {
    return { messageId: 'pigeon-1', accepted: to.map(({ email }) => email), rejected: [] };
  }
}
