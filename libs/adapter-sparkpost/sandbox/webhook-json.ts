/** The body of `POST /webhooks`, after it was checked, with its defaults. */
export interface WebhookJson {
  readonly name: string;
  readonly target: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly auth_type: string;
  readonly auth_credentials: { readonly username?: string; readonly password?: string };
  readonly custom_headers: Readonly<Record<string, string>>;
  /** Of a legacy webhook. */
  readonly auth_token: string;
}

export const WEBHOOK_DEFAULTS: Omit<WebhookJson, 'name' | 'target' | 'events'> = {
  active: true,
  auth_type: 'none',
  auth_credentials: {},
  custom_headers: {},
  auth_token: '',
};
