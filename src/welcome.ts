import type { ApiKeysService } from './auth/api-keys.service.ts';

const OWNER = { organization: 'default', actor: 'first-start' };

/** What a person is told who starts the service by hand; the first time, with a key to begin with. */
export async function welcome(url: string, apiKeys: ApiKeysService): Promise<string> {
  const lines = [
    '',
    '  score-connections is running.',
    '',
    `  Console           ${url}`,
    `  API description   ${url}/api/docs`,
  ];
  const first = await apiKeys.createFirst(OWNER, 'First key', 'manage');
  if (first !== undefined) {
    lines.push(
      `  Your API key      ${first.key}`,
      '',
      '  The key is shown this once. It may manage the organization "default".',
    );
  }
  return `${lines.join('\n')}\n\n`;
}
