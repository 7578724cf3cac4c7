import type { ApiKeysService } from './auth/api-keys.service.ts';

const OWNER = { organization: 'default', actor: 'first-start' };

/** The text for a person who starts the service in a terminal. The first start creates an API key. */
export async function welcome(url: string, apiKeys: ApiKeysService): Promise<string> {
  const lines = ['', '  score-connections is running.', '', `  Console    ${url}`, `  API docs   ${url}/api/docs`];
  const first = await apiKeys.createFirst(OWNER, 'First key', 'manage');
  if (first !== undefined) {
    lines.push(
      `  API key    ${first.key}`,
      '',
      '  Sign in to the console with this key. Copy it now: it is not shown again.',
      '  It has full access to the organization "default".',
    );
  }
  return `${lines.join('\n')}\n\n`;
}
