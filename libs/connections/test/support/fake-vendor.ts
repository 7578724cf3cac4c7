import {
  Adapter,
  type AdapterCapabilities,
  type CallOptions,
  type Diagnosis,
  type EmailAdapter,
  type EmailMessage,
  type Probe,
  type SendResult,
  SettingsField,
} from '@score-crm/adapter-kit';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, Min } from 'class-validator';

/** A vendor with every kind of field. */
export class FakeSettings {
  @SettingsField({ label: 'Base URL', bindsSecret: true })
  @IsString()
  baseUrl: string = 'https://api.fake.example';

  @SettingsField({
    label: 'Authentication',
    bindsSecret: true,
    options: [
      { value: 'key', label: 'Key' },
      { value: 'none', label: 'None' },
    ],
  })
  @IsIn(['key', 'none'])
  authentication: 'key' | 'none' = 'key';

  @SettingsField({ label: 'Account', bindsSecret: true, showIf: { field: 'authentication', in: ['key'] } })
  @IsOptional()
  @IsString()
  account?: string;

  @SettingsField({ label: 'API key', secret: true, showIf: { field: 'authentication', in: ['key'] } })
  @IsString()
  @IsNotEmpty()
  apiKey!: string;

  @SettingsField({ label: 'Second key', secret: true })
  @IsOptional()
  @IsString()
  secondKey?: string;

  @SettingsField({ label: 'Signing key', secret: true, inboundOnly: true })
  @IsOptional()
  @IsString()
  signingKey?: string;

  // Declared before the field that it depends on.
  @SettingsField({ label: 'Zone', showIf: { field: 'region', in: ['us'] } })
  @IsOptional()
  @IsString()
  zone?: string;

  @SettingsField({ label: 'Mode' })
  @IsIn(['global', 'regional'])
  mode: 'global' | 'regional' = 'global';

  // A default that does not apply by default, and decides where secrets go.
  @SettingsField({ label: 'Region', bindsSecret: true, showIf: { field: 'mode', in: ['regional'] } })
  @IsIn(['eu', 'us'])
  region: string = 'eu';

  @SettingsField({ label: 'Note' })
  @IsOptional()
  @IsString()
  note?: string;

  @SettingsField({ label: 'Retries' })
  @IsInt()
  @Min(0)
  @Max(9)
  retries: number = 3;
}

export interface DiagnoseCall {
  readonly settings: FakeSettings;
  readonly probe: Probe;
  readonly options: CallOptions | undefined;
}

export const PASSED: Diagnosis = {
  ok: true,
  durationMs: 1,
  stages: [{ stage: 'authenticate', status: 'passed' }],
  checks: { connectivity: 'passed', authentication: 'passed', sendPermission: 'skipped', fromAddress: 'skipped' },
  warnings: [],
};

/** Keeps what it is asked, and answers as a test tells it to. */
@Adapter({ vendor: 'fake', displayName: 'Fake' })
export class FakeAdapter implements EmailAdapter<FakeSettings> {
  readonly settings = FakeSettings;
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
  readonly calls: DiagnoseCall[] = [];
  readonly released: (string | undefined)[] = [];
  answer: (call: DiagnoseCall) => Promise<Diagnosis> = async () => PASSED;
  onRelease: () => void | Promise<void> = () => undefined;

  diagnose(settings: FakeSettings, probe: Probe, options?: CallOptions): Promise<Diagnosis> {
    const call = { settings, probe, options };
    this.calls.push(call);
    return this.answer(call);
  }

  async send(_message: EmailMessage): Promise<SendResult> {
    throw new Error('Not part of these tests.');
  }

  release(poolKey?: string): void | Promise<void> {
    this.released.push(poolKey);
    return this.onRelease();
  }
}

/** A second vendor of the same fields. */
@Adapter({ vendor: 'other', displayName: 'Other' })
export class OtherAdapter extends FakeAdapter {}
