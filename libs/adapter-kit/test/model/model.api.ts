import { type ErrorMap, VendorApi } from '@score-crm/adapter-kit';
import type { ModelSettings } from './model.settings.ts';

const ERRORS: ErrorMap = [
  // A key without this permission still identifies the account.
  { on: 403, stage: 'message', hint: 'The API key may not do this. Grant it the permission at Model Mail.' },
];

export class ModelApi extends VendorApi<ModelSettings> {
  readonly vendor = 'model';
  readonly displayName = 'Model Mail';
  protected readonly errors = ERRORS;

  protected origin({ region }: ModelSettings): string {
    return `https://${region}.api.model.example`;
  }

  protected headers({ apiKey }: ModelSettings): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${apiKey}` };
  }
}
